import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A folder of migrations for one test. */
export interface MigrationFolder {
  readonly path: string
  /** Writes files; a text without `-- @up` becomes the `@up` section. */
  write(files: Readonly<Record<string, string>>): Promise<void>
  remove(id: string): Promise<void>
  drop(): Promise<void>
}

/** Makes an empty folder, or one with these files (by id). */
export async function createMigrationFolder(
  files: Readonly<Record<string, string>> = {},
): Promise<MigrationFolder> {
  const path = await mkdtemp(join(tmpdir(), 'tidemark-files-'))
  const folder: MigrationFolder = {
    path,
    async write(more) {
      const texts = Object.entries(more).map(([id, text]) => [
        id,
        /^-- @up/m.test(text) ? text : `-- @up\n${text}\n`,
      ])
      await Promise.all(texts.map(([id, text]) => writeFile(join(path, `${id}.sql`), text ?? '')))
    },
    remove: (id) => rm(join(path, `${id}.sql`)),
    drop: () => rm(path, { recursive: true, force: true }),
  }
  await folder.write(files)
  return folder
}
