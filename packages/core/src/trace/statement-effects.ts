import {
  isStronger,
  type LockMode,
  type RelationKind,
  type SampledRelation,
  type SessionSample,
  type TableCounters,
} from './session-sample.ts'

/** A relation that a statement did something to. */
export interface TouchedRelation {
  readonly schema: string
  readonly name: string
  readonly kind: RelationKind
  /** Whether the migration made it itself, so that nobody waits for it. */
  readonly isNew: boolean
}

/** A lock that a statement took, or made stronger. */
export interface TakenLock {
  readonly relation: TouchedRelation
  readonly mode: LockMode
}

/** An index whose entries a statement wrote anew, by itself and not as part of a rewrite of its table. */
export interface BuiltIndex {
  readonly index: TouchedRelation
  readonly table: TouchedRelation
}

/** Rows of a table that a statement wrote. */
export interface WrittenRows {
  readonly table: TouchedRelation
  readonly inserted: number
  readonly updated: number
  readonly deleted: number
}

/** What one statement did to relations, as the database saw it. Each list is sorted by schema and name. */
export interface StatementEffects {
  readonly locks: readonly TakenLock[]
  /** Tables and materialized views that got another file: rewrites, TRUNCATE, REFRESH, CLUSTER. */
  readonly rewrites: readonly TouchedRelation[]
  /** Tables that were read from first to last row. */
  readonly scans: readonly TouchedRelation[]
  readonly indexBuilds: readonly BuiltIndex[]
  readonly rows: readonly WrittenRows[]
}

/** The samples around one statement. */
export interface SamplesAround {
  /** Before the first statement of the migration: what is not in it is new. */
  readonly start: SessionSample
  readonly before: SessionSample
  readonly after: SessionSample
}

/**
 * Tells what a statement did from two samples of its session: the locks it took, the tables it rewrote, read or
 * wrote, and the indexes it built. All three samples are of one transaction, for locks end with it. What the
 * transaction had locked already in the same mode is not taken again.
 *
 * @example
 * const sampleOf = (locks) =>
 *   parseSessionSample(`{"relations": [["16385", "public", "t", "r", "1", null]], "locks": ${locks}, "counters": null}`)
 * const start = sampleOf('null')
 * const after = sampleOf('[["16385", "AccessExclusiveLock"]]')
 * compareSamples({ start, before: start, after }).locks[0]?.mode // 'ACCESS EXCLUSIVE'
 */
export function compareSamples(samples: SamplesAround): StatementEffects {
  const { before, after } = samples
  const touched = (relation: SampledRelation) => toTouched(relation, samples.start)
  const rewritten = new Set([...after.relations.values()].filter((one) => hasNewFile(one, before)))
  const rewrittenTables = new Set([...rewritten].filter(isStored).map(({ oid }) => oid))
  return {
    locks: [...after.locks]
      .filter(([oid, mode]) => isStronger(mode, before.locks.get(oid)))
      .flatMap(([oid, mode]): readonly TakenLock[] => {
        const relation = after.relations.get(oid) ?? before.relations.get(oid)
        return relation === undefined || relation.kind === 'TOAST table'
          ? []
          : [{ relation: touched(relation), mode }]
      })
      .sort((a, b) => compareRelations(a.relation, b.relation)),
    rewrites: [...rewritten].filter(isStored).map(touched).sort(compareRelations),
    scans: countersOf(samples, ({ sequentialScans }) => sequentialScans > 0).map(({ table }) => table),
    indexBuilds: [...after.relations.values()]
      .filter((one) => one.kind === 'index' && before.relations.get(one.oid)?.file !== one.file)
      .flatMap((index): readonly BuiltIndex[] => {
        const table = index.table === null ? undefined : after.relations.get(index.table)
        if (table === undefined || table.kind === 'TOAST table' || rewrittenTables.has(table.oid)) return []
        return [{ index: touched(index), table: touched(table) }]
      })
      .sort((a, b) => compareRelations(a.index, b.index)),
    rows: countersOf(samples, ({ inserted, updated, deleted }) => inserted + updated + deleted > 0).map(
      ({ table, counters: { inserted, updated, deleted } }) => ({ table, inserted, updated, deleted }),
    ),
  }
}

function toTouched({ oid, schema, name, kind }: SampledRelation, start: SessionSample): TouchedRelation {
  return { schema, name, kind, isNew: !start.relations.has(oid) }
}

function hasNewFile({ oid, file }: SampledRelation, before: SessionSample): boolean {
  const earlier = before.relations.get(oid)
  return earlier !== undefined && earlier.file !== '0' && earlier.file !== file
}

function isStored({ kind }: SampledRelation): boolean {
  return kind === 'table' || kind === 'materialized view'
}

const NO_COUNTERS: TableCounters = { sequentialScans: 0, inserted: 0, updated: 0, deleted: 0 }

function countersOf(
  { start, before, after }: SamplesAround,
  isAsked: (difference: TableCounters) => boolean,
): readonly { readonly table: TouchedRelation; readonly counters: TableCounters }[] {
  return [...after.counters]
    .flatMap(([oid, now]) => {
      const earlier = before.counters.get(oid) ?? NO_COUNTERS
      const counters = {
        sequentialScans: now.sequentialScans - earlier.sequentialScans,
        inserted: now.inserted - earlier.inserted,
        updated: now.updated - earlier.updated,
        deleted: now.deleted - earlier.deleted,
      }
      const relation = after.relations.get(oid)
      if (relation === undefined || relation.kind === 'TOAST table' || !isAsked(counters)) return []
      return [{ table: toTouched(relation, start), counters }]
    })
    .sort((a, b) => compareRelations(a.table, b.table))
}

/** By code units, so that no locale decides. */
function compareRelations(a: TouchedRelation, b: TouchedRelation): number {
  const [first, second] = [`${a.schema}\0${a.name}`, `${b.schema}\0${b.name}`]
  return first < second ? -1 : Number(first > second)
}
