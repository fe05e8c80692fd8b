import { TidemarkError } from '@tidemark/core'
import { listContents } from './directory/clear-directory.ts'

/** TM5031: a directory with other things than a database. */
export async function foreignDirectory(directory: string): Promise<TidemarkError> {
  const [first = ''] = await listContents(directory)
  return new TidemarkError({
    code: 'TM5031',
    message: `"${directory}" is neither empty nor a data directory: it contains "${first}"`,
    help: 'use an empty or a new directory, such as "pglite:.tidemark/db"',
  })
}
