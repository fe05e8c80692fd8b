import { join, relative, sep } from 'node:path'
import { TidemarkError } from '@tidemark/core'
import { createFile, makeFolder } from '@tidemark/core/node'
import type { Settings } from '../config/settings.ts'

/**
 * Gives the path of a migration of the configured folder, as messages and `--json` show it: from the working
 * directory, with `/`.
 */
export function shownMigrationPath({ migrations }: Pick<Settings, 'migrations'>, id: string): string {
  return relative(process.cwd(), join(migrations, `${id}.sql`))
    .split(sep)
    .join('/')
}

/**
 * Writes a new migration into the configured folder, which is made where it is missing. Overwrites nothing.
 *
 * @returns its path as shown.
 * @throws {TidemarkError} TM7011 when the file exists.
 */
export async function createMigrationFile(
  settings: Pick<Settings, 'migrations'>,
  { id, text }: { readonly id: string; readonly text: string },
): Promise<string> {
  const shown = shownMigrationPath(settings, id)
  await makeFolder(settings.migrations)
  await createFile(join(settings.migrations, `${id}.sql`), text).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== 'EEXIST') throw cause
    throw new TidemarkError({
      code: 'TM7011',
      message: `"${shown}" already exists`,
      help: 'choose another name',
      cause,
    })
  })
  return shown
}
