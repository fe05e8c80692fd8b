import { chmod, writeFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { makeFolder } from './make-folder.ts'

/**
 * Makes a folder that only this user may enter. One that is there already is closed only below a `.tidemark`,
 * which is closed too and kept out of the repository: any other folder belongs to whoever made it, and closing
 * `/srv` or `/etc` would stop other programs.
 *
 * @throws Error of the file system, such as EACCES or ENOTDIR.
 * @example
 * await makePrivateFolder(join(folder, '.tidemark', 'backups'))
 */
export async function makePrivateFolder(path: string): Promise<void> {
  const folder = resolve(path)
  await makeFolder(folder, 0o700)
  for (let above = folder; dirname(above) !== above; above = dirname(above)) {
    if (basename(above) !== '.tidemark') continue
    await chmod(folder, 0o700)
    return close(above)
  }
}

async function close(folder: string): Promise<void> {
  await chmod(folder, 0o700)
  const ignored = join(folder, '.gitignore')
  await writeFile(ignored, '*\n', { mode: 0o600, flag: 'wx' }).catch((error: unknown) => {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  })
}
