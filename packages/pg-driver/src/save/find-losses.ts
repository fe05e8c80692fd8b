import type { Relation, Relations } from './read-relations.ts'

/** What a transaction took away from a relation that was there before it. */
export interface Loss {
  readonly relation: Relation
  readonly kind: 'dropped' | 'columns' | 'rewritten' | 'deleted' | 'updated'
  /** How many rows; of a table that was rewritten, those that were inserted since. */
  readonly rows: number
}

/** Compares two moments of one transaction. What it made itself is no loss. */
export function findLosses(before: Relations, after: Relations): readonly Loss[] {
  return [...before.values()].flatMap((relation) => lossesOf(relation, after.get(relation.oid)))
}

function lossesOf(before: Relation, after: Relation | undefined): readonly Loss[] {
  if (after === undefined) {
    return holdsData(before) ? [{ relation: before, kind: 'dropped', rows: 0 }] : []
  }
  const losses: Loss[] = []
  const types = new Set(after.columns.map(typeOf))
  if (before.columns.some((column) => !types.has(typeOf(column)))) {
    losses.push({ relation: after, kind: 'columns', rows: 0 })
  }
  if (before.file !== after.file && before.kind === 'r') {
    losses.push({ relation: after, kind: 'rewritten', rows: after.inserted - before.inserted })
  }
  const deleted = after.deleted - before.deleted
  if (deleted > 0) losses.push({ relation: after, kind: 'deleted', rows: deleted })
  const updated = after.updated - before.updated
  if (updated > 0) losses.push({ relation: after, kind: 'updated', rows: updated })
  return losses
}

/** The rows of a foreign table are elsewhere, and a composite type has none. */
function holdsData({ kind }: Relation): boolean {
  return kind !== 'f' && kind !== 'c'
}

/** Number and type, without the name: renaming takes nothing away. */
function typeOf(column: string): string {
  return column.split(' ', 2).join(' ')
}
