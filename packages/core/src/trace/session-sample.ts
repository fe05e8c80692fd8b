import { z } from 'zod'

/** A relation as the database knows it while a sample is taken. */
export interface SampledRelation {
  readonly oid: string
  readonly schema: string
  readonly name: string
  readonly kind: RelationKind
  /** Names the file that holds the rows; `0` where there is none. A rewrite makes another one. */
  readonly file: string
  /** The table of an index; null of anything else. */
  readonly table: string | null
}

/** The kinds of relation that statements lock, as the manual calls them. */
export type RelationKind =
  | 'table'
  | 'partitioned table'
  | 'index'
  | 'partitioned index'
  | 'view'
  | 'materialized view'
  | 'sequence'
  | 'foreign table'
  | 'composite type'
  | 'TOAST table'

/** The table-level locks, weakest first (manual, 13.3.1). */
export const LOCK_MODES = [
  'ACCESS SHARE',
  'ROW SHARE',
  'ROW EXCLUSIVE',
  'SHARE UPDATE EXCLUSIVE',
  'SHARE',
  'SHARE ROW EXCLUSIVE',
  'EXCLUSIVE',
  'ACCESS EXCLUSIVE',
] as const

/** A table-level lock, as the manual writes it. */
export type LockMode = (typeof LOCK_MODES)[number]

/** What a transaction has done to a table so far. Counters, of which only differences mean something. */
export interface TableCounters {
  readonly sequentialScans: number
  readonly inserted: number
  readonly updated: number
  readonly deleted: number
}

/** What a session holds and has done, between two of its statements. */
export interface SessionSample {
  /** Every relation that is no part of the server, by oid. */
  readonly relations: ReadonlyMap<string, SampledRelation>
  /** The strongest lock that the session holds on each, by oid. */
  readonly locks: ReadonlyMap<string, LockMode>
  /** By oid of the table. */
  readonly counters: ReadonlyMap<string, TableCounters>
}

/**
 * Asks the session itself what it holds and has done, in one value: JSON for {@link parseSessionSample}. It takes
 * no lock on a relation that is not of the server. Works on PostgreSQL 14 to 18 and PGlite.
 */
export const SESSION_SAMPLE_QUERY = `SELECT pg_catalog.json_build_object(
  'relations', (SELECT pg_catalog.json_agg(pg_catalog.json_build_array(
      c.oid::pg_catalog.text, n.nspname, c.relname, c.relkind, c.relfilenode::pg_catalog.text, i.indrelid::pg_catalog.text))
    FROM pg_catalog.pg_class c
    JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
    LEFT JOIN pg_catalog.pg_index i ON i.indexrelid OPERATOR(pg_catalog.=) c.oid
    WHERE c.oid OPERATOR(pg_catalog.>=) 16384),
  'locks', (SELECT pg_catalog.json_agg(pg_catalog.json_build_array(l.relation::pg_catalog.text, l.mode))
    FROM pg_catalog.pg_locks l
    WHERE l.pid OPERATOR(pg_catalog.=) pg_catalog.pg_backend_pid() AND l.granted
      AND l.locktype OPERATOR(pg_catalog.=) 'relation'
      AND l.relation OPERATOR(pg_catalog.>=) 16384),
  'counters', (SELECT pg_catalog.json_agg(pg_catalog.json_build_array(
      s.relid::pg_catalog.text, s.seq_scan, s.n_tup_ins, s.n_tup_upd, s.n_tup_del))
    FROM pg_catalog.pg_stat_xact_user_tables s
    WHERE s.seq_scan OPERATOR(pg_catalog.>) 0 OR s.n_tup_ins OPERATOR(pg_catalog.>) 0
      OR s.n_tup_upd OPERATOR(pg_catalog.>) 0 OR s.n_tup_del OPERATOR(pg_catalog.>) 0)
)::pg_catalog.text AS sample`

const Count = z.number().int()
const Sample = z.object({
  relations: z
    .array(z.tuple([z.string(), z.string(), z.string(), z.string(), z.string(), z.string().nullable()]))
    .nullable(),
  locks: z.array(z.tuple([z.string(), z.string()])).nullable(),
  counters: z.array(z.tuple([z.string(), Count, Count, Count, Count])).nullable(),
})

/**
 * Reads the answer to {@link SESSION_SAMPLE_QUERY}.
 *
 * @throws ZodError or SyntaxError when the text is no such answer.
 * @example
 * const relations = '[["16385", "public", "t", "r", "16385", null]]'
 * const locks = '[["16385", "AccessShareLock"], ["16385", "ShareLock"]]'
 * parseSessionSample(`{"relations": ${relations}, "locks": ${locks}, "counters": null}`).locks
 * // Map { '16385' => 'SHARE' }
 */
export function parseSessionSample(json: string): SessionSample {
  const { relations, locks, counters } = Sample.parse(JSON.parse(json))
  return {
    relations: new Map((relations ?? []).flatMap(toRelation)),
    locks: strongest(locks ?? []),
    counters: new Map(
      (counters ?? []).map(([oid, sequentialScans, inserted, updated, deleted]) => [
        oid,
        { sequentialScans, inserted, updated, deleted },
      ]),
    ),
  }
}

const KINDS: Readonly<Record<string, RelationKind>> = {
  r: 'table',
  p: 'partitioned table',
  i: 'index',
  I: 'partitioned index',
  v: 'view',
  m: 'materialized view',
  S: 'sequence',
  f: 'foreign table',
  c: 'composite type',
  t: 'TOAST table',
}

function toRelation([oid, schema, name, relkind, file, table]: readonly [
  string,
  string,
  string,
  string,
  string,
  string | null,
]): readonly [string, SampledRelation][] {
  const kind = KINDS[relkind]
  return kind === undefined ? [] : [[oid, { oid, schema, name, kind, file, table }]]
}

/** `ShareRowExclusiveLock` is what `pg_locks` says for SHARE ROW EXCLUSIVE. */
const MODES: ReadonlyMap<string, LockMode> = new Map(
  LOCK_MODES.map((mode) => [
    `${mode
      .split(' ')
      .map((word) => `${word.charAt(0)}${word.slice(1).toLowerCase()}`)
      .join('')}Lock`,
    mode,
  ]),
)

/**
 * Reads a mode as `pg_locks` writes it; undefined for what is no lock on a relation.
 *
 * @example parseLockMode('ShareRowExclusiveLock') // 'SHARE ROW EXCLUSIVE'
 */
export function parseLockMode(mode: string): LockMode | undefined {
  return MODES.get(mode)
}

/** Which modes each mode makes wait (manual, table 13.2). */
const CONFLICTS: Readonly<Record<LockMode, readonly LockMode[]>> = {
  'ACCESS SHARE': ['ACCESS EXCLUSIVE'],
  'ROW SHARE': ['EXCLUSIVE', 'ACCESS EXCLUSIVE'],
  'ROW EXCLUSIVE': LOCK_MODES.slice(4),
  'SHARE UPDATE EXCLUSIVE': LOCK_MODES.slice(3),
  SHARE: LOCK_MODES.filter((mode) => !['ACCESS SHARE', 'ROW SHARE', 'SHARE'].includes(mode)),
  'SHARE ROW EXCLUSIVE': LOCK_MODES.slice(2),
  EXCLUSIVE: LOCK_MODES.slice(1),
  'ACCESS EXCLUSIVE': LOCK_MODES,
}

/**
 * Whether two sessions cannot hold these locks on one relation.
 *
 * @example locksConflict('SHARE', 'ROW EXCLUSIVE') // true: writers wait for an index build
 */
export function locksConflict(one: LockMode, other: LockMode): boolean {
  return CONFLICTS[one].includes(other)
}

function strongest(locks: readonly (readonly [string, string])[]): ReadonlyMap<string, LockMode> {
  const held = new Map<string, LockMode>()
  for (const [oid, name] of locks) {
    const mode = parseLockMode(name)
    if (mode !== undefined && isStronger(mode, held.get(oid))) held.set(oid, mode)
  }
  return held
}

/**
 * Whether a lock comes after another in {@link LOCK_MODES}; any is stronger than none.
 *
 * @example isStronger('EXCLUSIVE', 'SHARE') // true
 */
export function isStronger(mode: LockMode, than: LockMode | undefined): boolean {
  return than === undefined || LOCK_MODES.indexOf(mode) > LOCK_MODES.indexOf(than)
}
