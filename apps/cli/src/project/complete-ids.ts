import { readdir } from 'node:fs/promises'
import { basename } from 'node:path'
import { compareIds, TidemarkError } from '@tidemark/core'
import type { Settings } from '../config/settings.ts'

/**
 * Gives the whole id for each number that begins one: `007` for `007_add_orders`. Everything else stays as it
 * is, also where the folder cannot be read: the command that needs the files says so. Only names are read.
 *
 * @throws {TidemarkError} TM2007 when a number begins several ids.
 */
export async function completeIds(
  { migrations }: Pick<Settings, 'migrations'>,
  given: readonly string[],
): Promise<readonly string[]> {
  if (!given.some(isNumber)) return given
  const names = await readdir(migrations, { recursive: true }).catch(() => [])
  const ids = names.filter((name) => name.endsWith('.sql')).map((name) => basename(name, '.sql'))
  return given.map((id) => (isNumber(id) ? complete(id, ids) : id))
}

function isNumber(id: string): boolean {
  return /^\d+$/.test(id)
}

function complete(number: string, ids: readonly string[]): string {
  if (ids.includes(number)) return number
  const matches = ids.filter((id) => id.startsWith(number) && !/^\d/.test(id.slice(number.length)))
  if (matches.length <= 1) return matches[0] ?? number
  throw new TidemarkError({
    code: 'TM2007',
    message: `"${number}" matches ${matches.length} ids`,
    help: `name one of ${matches.sort(compareIds).slice(0, 5).join(', ')}${matches.length > 5 ? ', …' : ''}`,
  })
}
