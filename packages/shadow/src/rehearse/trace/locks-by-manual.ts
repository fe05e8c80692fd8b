import type { SamplesAround, StatementEffects, TakenLock, TouchedRelation } from '@tidemark/core'

/**
 * Gives the locks of a statement that runs in transactions of its own, from what it did: those are given back
 * before one can look. CONCURRENTLY takes SHARE UPDATE EXCLUSIVE on the table; what gave a table a new file, such as
 * VACUUM FULL, ACCESS EXCLUSIVE (manual, 13.3.1).
 */
export function locksByManual(
  { indexBuilds, rewrites }: StatementEffects,
  samples: SamplesAround,
): readonly TakenLock[] {
  const built = indexBuilds.map(({ table }) => table)
  const concurrent = new Map(
    [...built, ...listTablesOfDropped(samples)].map((table) => [keyOf(table), table]),
  )
  return [
    ...rewrites.map((relation) => ({ relation, mode: 'ACCESS EXCLUSIVE' as const })),
    ...[...concurrent.values()].map((relation) => ({ relation, mode: 'SHARE UPDATE EXCLUSIVE' as const })),
  ]
}

function keyOf({ schema, name }: TouchedRelation): string {
  return `${schema}\0${name}`
}

/** The tables of indexes that are gone. */
function listTablesOfDropped({ start, before, after }: SamplesAround): readonly TouchedRelation[] {
  return [...before.relations.values()].flatMap((index) => {
    const table =
      index.kind !== 'index' || after.relations.has(index.oid) || index.table === null
        ? undefined
        : after.relations.get(index.table)
    if (table === undefined || table.kind === 'TOAST table') return []
    const { oid, schema, name, kind } = table
    return [{ schema, name, kind, isNew: !start.relations.has(oid) }]
  })
}
