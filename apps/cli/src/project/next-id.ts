import {
  isMigrationId,
  type MigrationGraph,
  type MigrationId,
  proposeId,
  TidemarkError,
} from '@tidemark/core'

/**
 * Lists every id that a new migration may not come before: of the files, also of a squash that is ignored
 * beside its originals, and what they replace.
 */
export function listTakenIds({ nodes, ignored }: MigrationGraph): readonly MigrationId[] {
  const migrations = [...nodes.map(({ migration }) => migration), ...ignored]
  return migrations.flatMap(({ id, header }) => [id, ...header.replaces])
}

/**
 * Gives the id of a new migration: its words joined by `_`, after a number one above the highest, as wide as
 * those before.
 *
 * @throws {TidemarkError} TM7008 when the name gives no id.
 * @example nextId('ajouter été', ['007_users']) // '008_ajouter_ete'
 */
export function nextId(name: string, ids: readonly MigrationId[]): MigrationId {
  const words = (proposeId(name.trim().replace(/\.sql$/, '')) ?? '').replace(/[_.-]+$/, '')
  const numbers = ids.flatMap((id) => /^\d+/.exec(id)?.[0] ?? [])
  const highest = numbers.reduce((max, digits) => (BigInt(digits) > max ? BigInt(digits) : max), 0n)
  const width = Math.max(3, ...numbers.map((digits) => digits.length))
  const id = /^\d/.test(words) ? words : `${String(highest + 1n).padStart(width, '0')}_${words}`
  if (words !== '' && isMigrationId(id)) return id
  throw new TidemarkError({
    code: 'TM7008',
    message: `"${name}" is not a valid name for a migration`,
    help: 'use letters, digits, `_`, `-` and `.`, such as `tidemark new add_orders`',
  })
}
