import { quoteIdentifier, TidemarkError } from '@tidemark/core'
import * as z from 'zod'
import type { Manifest } from '../manifest/manifest.ts'
import { type StatusQuery, type StatusRow, StatusRowSchema } from './status-query.ts'

/** All that a gate needs of a database: a `Pool` or `Client` of `pg`, a PGlite, or your own. */
export interface GateDatabase {
  query(text: string, values: string[]): PromiseLike<unknown>
}

/** What the database returned, as ids. Everything else that the manifest names is completed. */
export interface DatabaseStatus {
  /** Not completed, required or not, including the failed ones. */
  readonly pending: ReadonlySet<string>
  readonly failed: ReadonlySet<string>
  /** Completed with another text than the manifest's. */
  readonly changed: ReadonlySet<string>
  /** Completed and unknown to the manifest; the first 100. */
  readonly ahead: readonly string[]
  /** Whether there are tracking tables; without them everything is pending. */
  readonly tables: 'found' | 'missing'
}

const ResultSchema = z.union([z.array(StatusRowSchema), z.object({ rows: z.array(StatusRowSchema) })])

/**
 * Sends the query and reads its result. Tables that do not exist mean that everything is pending.
 *
 * @throws TidemarkError TM3001 when the table is another tool's, TM3004 when row security hides it, TM3005
 *   without privilege, TM5090 when the query fails otherwise; the driver's error is the cause.
 */
export async function queryStatus(
  database: GateDatabase,
  query: StatusQuery,
  manifest: Manifest,
): Promise<DatabaseStatus> {
  try {
    const rows = readRows(await database.query(query.text, [...query.values]))
    if (rows.some(({ state }) => state === 'hidden')) throw describeHidden()
    return toDatabaseStatus(rows)
  } catch (error) {
    if (sqlState(error) === UNDEFINED_TABLE) return everythingPending(manifest)
    throw describeFailure(error, query.schema)
  }
}

const UNDEFINED_TABLE = '42P01'
const UNDEFINED_COLUMN = '42703'
const INSUFFICIENT_PRIVILEGE = '42501'
/** Feature not supported: a view cannot be sampled, see `onlyATable`. */
const WRONG_OBJECT = '0A000'

function readRows(result: unknown): readonly StatusRow[] {
  const parsed = ResultSchema.safeParse(result)
  if (!parsed.success) throw describeOtherResult()
  return 'rows' in parsed.data ? parsed.data.rows : parsed.data
}

function toDatabaseStatus(rows: readonly StatusRow[]): DatabaseStatus {
  const idsOf = (...states: readonly StatusRow['state'][]) =>
    rows.filter(({ state }) => states.includes(state)).map(({ id }) => id)
  return {
    pending: new Set(idsOf('pending', 'failed')),
    failed: new Set(idsOf('failed')),
    changed: new Set(idsOf('changed')),
    ahead: idsOf('ahead'),
    tables: 'found',
  }
}

function everythingPending({ migrations }: Manifest): DatabaseStatus {
  return {
    pending: new Set(migrations.map(({ id }) => id)),
    failed: new Set(),
    changed: new Set(),
    ahead: [],
    tables: 'missing',
  }
}

function sqlState(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}

function describeOtherResult(): TidemarkError {
  return new TidemarkError({
    code: 'TM5090',
    message: 'the schema could not be checked: query(text, values) did not return rows of { id, state }',
    help: 'resolve it to { rows: [...] } or to the rows themselves, as objects by column name',
  })
}

function describeHidden(): TidemarkError {
  return new TidemarkError({
    code: 'TM3004',
    message: 'row level security hides the tracking table from this role',
    help: 'restore the read policy: run tidemark up, or CREATE POLICY … FOR SELECT USING (true)',
  })
}

function describeFailure(error: unknown, schema: string): TidemarkError {
  if (error instanceof TidemarkError) return error
  if (sqlState(error) === UNDEFINED_COLUMN) {
    return new TidemarkError({
      code: 'TM3001',
      message: 'the table "schema_migrations" belongs to another tool',
      help: 'name the schema of the tracking tables with `schema`',
      cause: error,
    })
  }
  if (sqlState(error) === WRONG_OBJECT) {
    return new TidemarkError({
      code: 'TM3001',
      message: `the tracking tables of schema "${schema}" are not tables: another object has the name`,
      help: 'look at it with \\d in psql; remove it, or name the schema of the tracking tables with `schema`',
      cause: error,
    })
  }
  if (sqlState(error) === INSUFFICIENT_PRIVILEGE) {
    const named = quoteIdentifier(schema)
    return new TidemarkError({
      code: 'TM3005',
      message: `the role of the application may not read the tracking tables: ${messageOf(error)}`,
      help: `name it under \`readers\` in the configuration and run tidemark up, or GRANT USAGE ON SCHEMA ${named} and SELECT ON ${named}.schema_migrations, ${named}.migration_history`,
      cause: error,
    })
  }
  return new TidemarkError({
    code: 'TM5090',
    message: `the schema could not be checked: ${messageOf(error)}`,
    help: 'the gate checks again by itself; check that the database is running and that its role may read the tracking tables',
    cause: error,
  })
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
