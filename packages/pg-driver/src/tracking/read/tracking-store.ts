import type {
  AttemptFilter,
  CatalogMark,
  History,
  IdleRun,
  MigrationAttempt,
  MigrationRow,
  StoredMigration,
  TrackingStore,
} from '@tidemark/core'
import { sql } from 'kysely'
import type { Connection } from '../../connection/connection.ts'
import { type CompiledStatement, defineStatement, execute } from '../../statement/compiled-statement.ts'
import type { SchemaMigrationsTable, TrackingTable } from '../../statement/tracking-tables.ts'
import { explainRefusal, foreignTable, isMissingColumn, isMissingTable } from '../schema/tracking-errors.ts'
import { selectVisible, type VisibleRow, visibleRows } from '../schema/visible-rows.ts'
import { executeGuarded } from './guarded.ts'
import { parseCurrentRow } from './migration-row.ts'

/** Where a store reads. */
interface Place {
  readonly connection: Connection
  readonly schema: string
  readonly areOurs: () => boolean
}

/**
 * Makes the store that reads the tracking tables of one schema over one connection. What it reads is guarded, until
 * `areOurs` says that the tables were inspected and are what we made.
 */
export function createTrackingStore(
  connection: Connection,
  schema: string,
  areOurs: () => boolean = () => false,
): TrackingStore {
  const place: Place = { connection, schema, areOurs }
  return {
    readHistory: () => readHistory(place),
    readStored: (ids) => readStored(place, ids),
    listAttempts: (filter) => listAttempts(place, filter),
    readIdleRun: () => readIdleRun(place),
    readCatalogMark: () => readCatalogMark(place),
  }
}

/** Loaded only for rows that need the schemas: those of an older layout, or edited by hand. */
const loadRows = () => import('./rows.ts')

const column = (name: keyof SchemaMigrationsTable & string) => sql.id(name)

/** Columns that an older `schema_migrations` lacks, with what replaces them. */
const OLDER_COLUMNS = {
  description: sql`null::pg_catalog.text`,
  error_message: sql`null::pg_catalog.text`,
  verify_sql: sql`null::pg_catalog.text`,
  header: sql`null::pg_catalog.jsonb`,
  direction: sql`null::pg_catalog.text`,
  statements_done: sql`null::integer`,
  progress: sql`null::pg_catalog.jsonb`,
  run_id: sql`null::pg_catalog.uuid`,
}

const IDENTITY_COLUMNS = {
  id: column('id'),
  checksum: column('checksum'),
  migration_type: column('migration_type'),
  depends_on: column('depends_on'),
  description: column('description'),
}

/** The SQL of another version than the row's own is for those who ask for SQL. */
const PLANNED_HEADER = sql`case when pg_catalog.jsonb_typeof(${column('header')} operator(pg_catalog.->) 'in_force') = 'object'
  then pg_catalog.jsonb_delete_path(${column('header')}, '{in_force,up_sql}') else ${column('header')} end`

const selectHistory = defineStatement<object>(({ schema }) =>
  selectVisible({
    schema,
    table: 'schema_migrations',
    older: OLDER_COLUMNS,
    columns: {
      ...IDENTITY_COLUMNS,
      header: PLANNED_HEADER,
      status: column('status'),
      reversible: sql`${column('down_sql')} is not null`,
      applied_at: sql`extract(epoch from ${column('applied_at')})`,
      execution_time_ms: column('execution_time_ms'),
      error_message: column('error_message'),
      direction: column('direction'),
      statements_done: column('statements_done'),
      progress: column('progress'),
      run_id: column('run_id'),
    },
    rest: sql`order by ${column('id')} collate "C"`,
  }),
)

const selectStored = defineStatement<{ readonly ids: string }>(({ schema, parameter }) =>
  selectVisible({
    schema,
    table: 'schema_migrations',
    older: OLDER_COLUMNS,
    columns: {
      ...IDENTITY_COLUMNS,
      header: column('header'),
      status: column('status'),
      up_sql: column('up_sql'),
      down_sql: column('down_sql'),
      verify_sql: column('verify_sql'),
    },
    rest: sql`where ${column('id')} = any (array(
      select pg_catalog.json_array_elements_text(${parameter('ids', 'json')})))`,
  }),
)

interface AttemptValues {
  readonly id: string | null
  readonly runId: string | null
  readonly since: string | null
  readonly limit: number | null
}

const selectAttempts = defineStatement<AttemptValues>(({ schema, parameter }) =>
  selectVisible({
    schema,
    table: 'migration_history',
    older: {
      id: sql`null::pg_catalog.uuid`,
      execution_time_ms: sql`null::integer`,
      error_message: sql`null::pg_catalog.text`,
      direction: sql`'up'`,
      run_id: sql`null::pg_catalog.uuid`,
      executed_by: sql`null::pg_catalog.text`,
      checksum: sql`null::pg_catalog.text`,
      details: sql`null::pg_catalog.jsonb`,
      sequence: sql`null::pg_catalog.int8`,
    },
    columns: {
      id: sql`coalesce(id::pg_catalog.text, '')`,
      migration_id: sql.id('migration_id'),
      executed_at: sql`extract(epoch from executed_at)`,
      status: sql.id('status'),
      execution_time_ms: sql.id('execution_time_ms'),
      error_message: sql.id('error_message'),
      direction: sql.id('direction'),
      run_id: sql.id('run_id'),
      executed_by: sql.id('executed_by'),
      checksum: sql.id('checksum'),
      details: sql.id('details'),
      // Before the upgrade, clocks are all that is known of the order; the upgrade numbers the attempts like
      // this.
      sequence: sql`coalesce(sequence, pg_catalog.row_number() over (order by executed_at, migration_id collate "C", 1))`,
    },
    rest: sql`where coalesce(migration_id = ${parameter('id', 'text')}, ${parameter('id', 'text')} is null)
      and (${parameter('runId', 'text')} is null or run_id::pg_catalog.text = ${parameter('runId', 'text')})
      and (${parameter('since', 'timestamptz')} is null or executed_at >= ${parameter('since', 'timestamptz')})
      order by 12 desc limit ${parameter('limit', 'int8')}`,
  }),
)

const selectIdle = defineStatement<object>(({ schema }) =>
  selectVisible({
    schema,
    table: 'database_schema',
    older: { idle: sql`null::pg_catalog.jsonb` },
    columns: { idle: sql.id('idle') },
  }),
)

const selectCatalogMark = defineStatement<object>(({ schema }) =>
  selectVisible({
    schema,
    table: 'database_schema',
    older: { catalog: sql`null::pg_catalog.jsonb` },
    columns: { catalog: sql.id('catalog') },
  }),
)

async function readCatalogMark(place: Place): Promise<CatalogMark | null> {
  const rows = await read(place, 'database_schema', selectCatalogMark(place.schema, {}))
  return rows === 'absent' || rows[0] === undefined ? null : (await loadRows()).parseCatalogMark(rows[0])
}

async function readIdleRun(place: Place): Promise<IdleRun | null> {
  const rows = await read(place, 'database_schema', selectIdle(place.schema, {}))
  return rows === 'absent' || rows[0] === undefined ? null : (await loadRows()).parseIdleRun(rows[0])
}

async function readHistory(place: Place): Promise<History> {
  const rows = await read(place, 'schema_migrations', selectHistory(place.schema, {}))
  return rows === 'absent' ? { kind: 'absent' } : { kind: 'present', rows: await parseHistory(rows) }
}

async function parseHistory(rows: readonly string[]): Promise<readonly MigrationRow[]> {
  const read: MigrationRow[] = []
  for (const text of rows) {
    const row = parseCurrentRow(JSON.parse(text)) ?? (await loadRows()).parseMigrationRow(text)
    read.push(row)
  }
  return read
}

async function readStored(
  place: Place,
  ids: readonly string[],
): Promise<ReadonlyMap<string, StoredMigration>> {
  const statement = selectStored(place.schema, { ids: JSON.stringify(ids) })
  const rows = await read(place, 'schema_migrations', statement)
  if (rows === 'absent') return new Map()
  const { parseStoredMigration } = await loadRows()
  return new Map(rows.map(parseStoredMigration).map((stored) => [stored.id, stored]))
}

async function listAttempts(
  place: Place,
  { id, runId, since, limit }: AttemptFilter,
): Promise<readonly MigrationAttempt[]> {
  const statement = selectAttempts(place.schema, {
    id: id ?? null,
    runId: runId?.toLowerCase() ?? null,
    since: since?.toISOString() ?? null,
    limit: limit ?? null,
  })
  const rows = await read(place, 'migration_history', statement)
  return rows === 'absent' ? [] : rows.map((await loadRows()).parseMigrationAttempt)
}

async function read(
  { connection, schema, areOurs }: Place,
  table: TrackingTable,
  statement: CompiledStatement,
): Promise<readonly string[] | 'absent'> {
  try {
    const rows = areOurs()
      ? await execute<VisibleRow>(connection, statement)
      : await executeGuarded<VisibleRow>(connection, schema, { tables: [table], statement })
    return visibleRows(rows, schema, table)
  } catch (error) {
    if (isMissingTable(error)) return 'absent'
    if (isMissingColumn(error)) {
      const { listColumns } = await import('../schema/inspect.ts')
      throw foreignTable(schema, table, await listColumns(connection, schema, table))
    }
    throw explainRefusal(error, schema)
  }
}
