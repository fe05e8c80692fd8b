import {
  compareIds,
  idInWords,
  isMigrationId,
  type MigrationGraph,
  type MigrationId,
  proposeId,
  TidemarkError,
} from '@tidemark/core'
import { nextStamp } from './next-stamp.ts'

/**
 * Lists every id that a new migration may not come before: of the files, also of a squash that is ignored
 * beside its originals, and what they replace.
 */
export function listTakenIds({ nodes, ignored, elsewhere }: MigrationGraph): readonly MigrationId[] {
  const migrations = [...nodes.map(({ migration }) => migration), ...ignored, ...elsewhere]
  return migrations.flatMap(({ id, header }) => [id, ...header.replaces])
}

/** What {@link nextId} starts from. */
export interface IdRequest {
  /** The words of the migration, as they were typed. */
  readonly name: string
  /** Every id that the new one may not come before. */
  readonly ids: readonly MigrationId[]
  readonly now: Date
}

/**
 * Gives the id of a new migration: its words joined by `_`, letters outside ASCII in Latin ones. In front is
 * what the last id begins with, one step further: the current time in UTC after a timestamp, else a number
 * one above, as wide as those before.
 *
 * @throws {TidemarkError} TM7008 when the name gives no id.
 * @example await nextId({ name: 'ajouter été', ids: ['007_users'], now }) // '008_ajouter_ete'
 * @example await nextId({ name: 'orders', ids: ['20240115093000_users'], now }) // '20261130125300_orders'
 */
export async function nextId({ name, ids, now }: IdRequest): Promise<MigrationId> {
  const words = (proposeId(await inLatin(withoutEnding(name))) ?? '').replace(/[_.-]+$/, '')
  const last = ids.filter((id) => /^\d/.test(id)).reduce((a, b) => (compareIds(a, b) < 0 ? b : a), '')
  const id = /^\d/.test(words) ? words : `${nextStamp(last, now) ?? nextNumber(ids)}_${words}`
  if (words !== '' && isMigrationId(id)) return id
  throw new TidemarkError({
    code: 'TM7008',
    message: `"${name}" is not a valid name for a migration`,
    help: 'use letters, digits, `_`, `-` and `.`, such as `tidemark new add_orders`',
  })
}

/**
 * Gives the name of a new migration in words for its description, in the letters in which it was typed.
 *
 * @example describeName('003_добавить_заказы') // 'добавить заказы'
 */
export function describeName(name: string): string {
  return idInWords(
    withoutEnding(name)
      .normalize('NFC')
      .replace(/[\s\p{C}]+/gu, ' '),
  )
}

function withoutEnding(name: string): string {
  return name.trim().replace(/\.sql$/i, '')
}

/**
 * Accents are dropped by `proposeId`; the table for all other letters is large, and loaded for them alone.
 */
async function inLatin(text: string): Promise<string> {
  if (!/[^\p{ASCII}\p{Script=Latin}\p{M}]/u.test(text)) return text
  const { default: anyAscii } = await import('any-ascii')
  return anyAscii(text.normalize('NFC')).replaceAll("'", '')
}

function nextNumber(ids: readonly MigrationId[]): string {
  const numbers = ids.flatMap((id) => /^\d+/.exec(id)?.[0] ?? [])
  const highest = numbers.reduce((max, digits) => (BigInt(digits) > max ? BigInt(digits) : max), 0n)
  const width = Math.max(3, ...numbers.map((digits) => digits.length))
  return String(highest + 1n).padStart(width, '0')
}
