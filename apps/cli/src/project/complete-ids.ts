import { readdir } from 'node:fs/promises'
import { compareIds, idFromPath, isSqlFile, TidemarkError } from '@tidemark/core'
import type { Settings } from '../config/settings.ts'

/**
 * Gives the whole id for each number that means one: `007` for `007_add_orders`. An exact id of a file or of
 * the database always wins; then a number means a file, and where no file begins with it, what the database
 * remembers. Everything else stays as it is, also where the folder cannot be read: the command that needs the
 * files says so. Only names are read.
 *
 * @param readRecorded lists the ids that the database remembers; called only for a number that is no file's
 *   exact id.
 * @throws {TidemarkError} TM2007 when a number begins several ids, and what `readRecorded` throws.
 */
export async function completeIds(
  { migrations }: Pick<Settings, 'migrations'>,
  given: readonly string[],
  readRecorded: () => Promise<readonly string[]>,
): Promise<readonly string[]> {
  if (!given.some(isNumber)) return given
  const names = await readdir(migrations, { recursive: true }).catch(() => [])
  const files = names.filter(isSqlFile).map(idFromPath)
  if (given.every((id) => !isNumber(id) || files.includes(id))) return given
  const recorded = await readRecorded()
  return given.map((id) => (isNumber(id) ? complete(id, files, recorded) : id))
}

function isNumber(id: string): boolean {
  return /^\d+$/.test(id)
}

function complete(number: string, files: readonly string[], recorded: readonly string[]): string {
  if (files.includes(number) || recorded.includes(number)) return number
  const inFiles = findBegun(number, files)
  const matches = inFiles.length > 0 ? inFiles : findBegun(number, recorded)
  if (matches.length <= 1) return matches[0] ?? number
  throw new TidemarkError({
    code: 'TM2007',
    message: `"${number}" matches ${matches.length} ids`,
    help: `name one of ${matches.sort(compareIds).slice(0, 5).join(', ')}${matches.length > 5 ? ', …' : ''}`,
  })
}

function findBegun(number: string, ids: readonly string[]): string[] {
  const begun = ids.filter((id) => id.startsWith(number) && !/^\d/.test(id.slice(number.length)))
  return [...new Set(begun)]
}
