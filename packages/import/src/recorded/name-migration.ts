import type { TableWrite } from './history-write.ts'
import type { KnownHistory } from './known-histories.ts'

/** The files of migrations in code, and compiled ones. */
const EXTENSION = /\.(?:[cm]?[jt]s|sql|py|rb|php)$/

/**
 * Names a migration by the row that the tool writes for it: what its files are called, with the number that
 * orders them first.
 *
 * @example nameMigration(write, typeorm).name // '1700000000000_CreateUsers'
 */
export function nameMigration(
  { rows, literals }: TableWrite,
  { key, name = key }: KnownHistory,
): { readonly key: readonly string[]; readonly name: string } {
  const row = rows.at(-1) ?? new Map<string, string>()
  const values = name.flatMap((column) => row.get(column) ?? []).map((value) => value.replace(EXTENSION, ''))
  const [number = '', ...rest] = values
  const words = rest.map((value) => value.replace(number, '')).filter((value) => value !== '')
  const joined = words.length === 0 ? (rest.at(-1) ?? number) : [number, ...words].join('_')
  return {
    key: key.map((column) => row.get(column) ?? ''),
    name: joined === '' ? (literals[0] ?? 'migration') : joined,
  }
}
