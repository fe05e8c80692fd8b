import type { Migration } from '@tidemark/core'
import type { Connection } from '@tidemark/pg-driver/engine'
import type { Direction } from '../../trial/read-statements.ts'
import type { TrialFailure } from '../../trial/trial-failure.ts'
import { ROW_STYLES, type RowStyle } from './candidates.ts'
import type { RowLoss, RowReversibility } from './row-reversibility.ts'
import { compareWithSample, sampleTable, type TableSample } from './sample-rows.ts'
import { seedTables } from './seed-tables.ts'
import { type Facts, readTableFacts, type TableFacts } from './table-facts.ts'

/** Where rows are made, taken up and down, and looked at again. */
export interface RowGround {
  readonly migration: Migration
  /** The schema of the tracking tables. */
  readonly trackingSchema: string
  /** Tables that the migration touches, by oid. */
  readonly touched: readonly string[] | 'all'
  /** Those of them whose rows it may change. */
  readonly changed: ReadonlySet<string> | 'all'
  /** Runs a section; null when it succeeded. */
  run(direction: Direction): Promise<TrialFailure | null>
  /** Runs what makes the rows, in a transaction. */
  seeding<T>(work: () => Promise<T>): Promise<T>
  /** Runs what looks at the rows afterwards, in a transaction. */
  looking<T>(work: () => Promise<T>): Promise<T>
  /** Goes back to before the migration, and gives the session to work in. */
  reset(): Promise<Connection>
  /** How many kinds of rows are tried where the migration fails on the first. */
  readonly styles: readonly RowStyle[]
}

/**
 * Makes rows in the tables that a migration touches, goes up and down with it, and looks what is left of them.
 * Where a section fails on them, it is tried with rows of other kinds: only what fails on all of them fails.
 */
export async function checkRows(ground: RowGround): Promise<RowReversibility> {
  let first: RowReversibility | undefined
  for (const style of ground.styles) {
    const tried = await tryRows(ground, style)
    if (tried.failure === null) return first === undefined ? tried : { ...tried, failure: first.failure }
    first ??= tried
    if (tried.failsOnAnyRow) return tried
    // A down that fails after an up that did not tells more than an up that fails.
    if (first.verdict === 'up_fails' && tried.verdict === 'down_fails') first = tried
  }
  return first ?? NOTHING
}

/** The kinds of rows that are tried, the first of which does in most cases. */
export const ALL_STYLES: readonly RowStyle[] = ROW_STYLES

const NOTHING: RowReversibility = {
  verdict: 'none',
  seeded: [],
  unseeded: [],
  lost: [],
  failure: null,
  failsOnAnyRow: false,
}

async function tryRows(ground: RowGround, style: RowStyle): Promise<RowReversibility> {
  const connection = await ground.reset()
  const facts = await readOwnFacts(connection, ground)
  if (facts.tables.length === 0) return NOTHING
  const { left, samples } = await ground.seeding(async () => ({
    left: await seedTables({ connection, facts, accepted: new Map() }, style),
    samples: await takeSamples(connection, facts),
  }))
  const may = facts.tables.filter(({ oid }) => ground.changed === 'all' || ground.changed.has(oid))
  const unread = may.flatMap((table) => {
    const sample = samples.get(table)
    return typeof sample === 'string' ? [{ table: table.name, why: sample }] : []
  })
  const isChanged = new Set(may.map(({ name }) => name))
  const known = {
    ...NOTHING,
    seeded: [...samples].flatMap(([table, sample]) =>
      typeof sample !== 'string' && sample.rows.length > 0 ? [table.name] : [],
    ),
    unseeded: [...left.filter(({ table }) => isChanged.has(table)), ...unread],
  }
  for (const direction of ['up', 'down'] as const) {
    const failure = await ground.run(direction)
    if (failure === null) continue
    const failsOnAnyRow = isNewColumnWithoutValue(ground.migration, failure)
    return { ...known, verdict: direction === 'up' ? 'up_fails' : 'down_fails', failure, failsOnAnyRow }
  }
  const { lost, unread: unreadAfter } = await ground.looking(() => findLosses(connection, samples))
  return {
    ...known,
    verdict: lost.length > 0 ? 'lost' : 'kept',
    lost,
    unseeded: [...known.unseeded, ...unreadAfter],
  }
}

async function readOwnFacts(connection: Connection, ground: RowGround): Promise<Facts> {
  const { tables, types } = await readTableFacts(connection, ground.touched)
  const isTracking = ({ schema, name }: TableFacts) =>
    schema === ground.trackingSchema && TRACKING_TABLES.test(name)
  return { tables: tables.filter((table) => !isTracking(table)), types }
}

const TRACKING_TABLES = /\.(?:schema_migrations|migration_history|database_schema)$/

type Samples = ReadonlyMap<TableFacts, TableSample | string>

async function takeSamples(connection: Connection, facts: Facts): Promise<Samples> {
  const samples = new Map<TableFacts, TableSample | string>()
  for (const table of facts.tables) samples.set(table, await sampleTable(connection, table))
  return samples
}

async function findLosses(
  connection: Connection,
  samples: Samples,
): Promise<{ readonly lost: readonly RowLoss[]; readonly unread: RowReversibility['unseeded'] }> {
  const lost: RowLoss[] = []
  const unread: { table: string; why: string }[] = []
  for (const [table, sample] of samples) {
    if (typeof sample === 'string') continue
    const loss = await compareWithSample(connection, table, sample)
    if (typeof loss === 'string') unread.push({ table: table.name, why: loss })
    else if (loss !== null) lost.push(loss)
  }
  return { lost, unread }
}

/** `ADD COLUMN … NOT NULL` without a default: no row can have it. */
function isNewColumnWithoutValue(
  migration: Migration,
  { section, statement, sqlState, column }: TrialFailure,
): boolean {
  const found = migration[section]?.statements[statement ?? -1]
  if (sqlState !== '23502' || found === undefined || column === null) return false
  const text = migration.source.text.slice(found.codeStart, found.codeEnd)
  return [...text.matchAll(ADDED_COLUMN)].some(
    ([, quoted, plain]) => (quoted?.replaceAll('""', '"') ?? plain?.toLowerCase()) === column,
  )
}

const ADDED_COLUMN = /\badd\s+(?:column\s+)?(?:if\s+not\s+exists\s+)?(?:"((?:[^"]|"")+)"|([\w$]+))/gi
