import { readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { EditedText } from './edited-text.ts'

/**
 * Replaces a file that is still as it was read, whole or not at all. A link that has been put in its place meanwhile
 * is not followed.
 *
 * @returns why it was not written; null where it was.
 */
export async function replaceUnchanged(path: string, { before, after }: EditedText): Promise<string | null> {
  const draft = join(dirname(path), `.${crypto.randomUUID()}.tmp`)
  try {
    const { mode } = await stat(path)
    await writeFile(draft, after, { flag: 'wx', mode })
    if (!Buffer.from(before).equals(await readFile(path))) return 'it has changed since it was checked'
    await rename(draft, path)
    return null
  } catch (error) {
    return `it cannot be written: ${error instanceof Error ? error.message : String(error)}`
  } finally {
    await rm(draft, { force: true }).catch(() => undefined)
  }
}
