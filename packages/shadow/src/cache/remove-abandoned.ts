import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { isAbandoned } from './process-mark.ts'

/** Removes what processes that are gone left in a folder, by the marked names of one kind. */
export async function removeAbandoned(folder: string, kind: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    const mark = name.replace(/\..*$/, '')
    if (mark.startsWith(`${kind}_`) && (await isAbandoned(mark)))
      await rm(join(folder, name), { recursive: true, force: true }).catch(() => undefined)
  }
}
