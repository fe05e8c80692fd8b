import { randomUUID } from 'node:crypto'
import { chmod, link, realpath, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/**
 * Writes a new file, whole or not at all: a full disk or a killed process leaves no part of it under its name.
 *
 * @throws Error of the file system; EEXIST where something is there already.
 * @example
 * await createFile(join(folder, '001_users.sql'), '-- @up\nCREATE TABLE users (id int);\n')
 */
export async function createFile(path: string, text: string): Promise<void> {
  await withDraft(path, text, async (draft) => {
    await link(draft, path).catch(async (error: unknown) => {
      if (!hasCode(error, WITHOUT_LINKS)) throw error
      await writeFile(path, text, { flag: 'wx' })
    })
    await rm(draft)
  })
}

/**
 * Writes a file, whole or not at all: until the new text is complete the old one stays. A link is followed, the
 * permissions are kept; what is no file, such as `/dev/stdout`, is written as it is.
 *
 * @throws Error of the file system.
 * @example
 * await replaceFile(join(folder, 'schema.json'), '{}\n')
 */
export async function replaceFile(path: string, text: string): Promise<void> {
  const present = await stat(path).catch(() => undefined)
  if (present !== undefined && !present.isFile()) return writeFile(path, text)
  const place = present === undefined ? path : await realpath(path)
  try {
    await withDraft(place, text, async (draft) => {
      if (present !== undefined) await chmod(draft, present.mode)
      await rename(draft, place)
    })
  } catch (error) {
    // The file may be written to, its folder not.
    if (present === undefined || !hasCode(error, CLOSED_FOLDER)) throw error
    await writeFile(place, text)
  }
}

const WITHOUT_LINKS = ['EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'EMLINK', 'EXDEV', 'EACCES']
const CLOSED_FOLDER = ['EACCES', 'EPERM', 'EROFS', 'EBUSY']

async function withDraft(
  path: string,
  text: string,
  publish: (draft: string) => Promise<void>,
): Promise<void> {
  const draft = join(dirname(path), `.${randomUUID()}.tmp`)
  try {
    await writeFile(draft, text, { flag: 'wx' })
    await publish(draft)
  } catch (error) {
    await rm(draft, { force: true }).catch(() => undefined)
    throw error
  }
}

function hasCode(error: unknown, codes: readonly string[]): boolean {
  return (
    error instanceof Error && 'code' in error && typeof error.code === 'string' && codes.includes(error.code)
  )
}
