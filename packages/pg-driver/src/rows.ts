import {
  type MigrationAttempt,
  type MigrationHeader,
  MigrationHeaderSchema,
  type MigrationRow,
  MigrationStatusSchema,
  MigrationTypeSchema,
  type StoredMigration,
  TidemarkError,
} from '@tidemark/core'
import * as z from 'zod'

/** Seconds since 1970; what JavaScript cannot hold (`infinity`, the year 290000) is as good as not known. */
const InstantSchema = z
  .number()
  .nullable()
  .catch(null)
  .transform((seconds) => {
    const date = new Date(Math.floor((seconds ?? Number.NaN) * 1000))
    return Number.isNaN(date.getTime()) ? null : date
  })

const DirectionSchema = z.enum(['up', 'down']).nullable().catch(null)
const ReplacedBySchema = z.string().nullable().catch(null)
const ChecksumsSchema = z.array(z.string()).readonly().catch([])

const MigrationRowSchema = z
  .object({
    id: z.string(),
    status: MigrationStatusSchema,
    checksum: z.string(),
    migration_type: MigrationTypeSchema,
    depends_on: z.array(z.string()).readonly(),
    description: z.string().nullable(),
    header: z.unknown(),
    reversible: z.boolean(),
    applied_at: InstantSchema,
    execution_time_ms: z.number().nullable(),
    error_message: z.string().nullable(),
    direction: DirectionSchema,
    statements_done: z.number().int().nullable(),
    run_id: z.string().nullable(),
  })
  .transform(
    (row): MigrationRow => ({
      id: row.id,
      status: row.status,
      checksum: row.checksum,
      type: row.migration_type,
      dependsOn: row.depends_on,
      header: isEmptyHeader(row.header) ? null : completeHeader(row),
      replacedBy: ReplacedBySchema.parse(property(row.header, 'replaced_by')),
      reversible: row.reversible,
      appliedAt: row.applied_at,
      executionTimeMs: row.execution_time_ms,
      errorMessage: row.error_message,
      direction: row.direction,
      statementsDone: row.statements_done,
      runId: row.run_id,
      lastAppliedAt: InstantSchema.parse(property(row.header, 'last_applied_at') ?? null),
      earlierChecksums: ChecksumsSchema.parse(property(row.header, 'earlier_checksums')),
    }),
  )

const StoredMigrationSchema = z
  .object({
    id: z.string(),
    checksum: z.string(),
    migration_type: MigrationTypeSchema,
    depends_on: z.array(z.string()).readonly(),
    description: z.string().nullable(),
    up_sql: z.string(),
    down_sql: z.string().nullable(),
    verify_sql: z.string().nullable(),
    header: z.unknown(),
  })
  .transform(
    (row): StoredMigration => ({
      id: row.id,
      checksum: row.checksum,
      upSql: row.up_sql,
      downSql: row.down_sql,
      verifySql: row.verify_sql,
      header: completeHeader(row),
    }),
  )

const MigrationAttemptSchema = z
  .object({
    id: z.string(),
    migration_id: z.string().nullable(),
    executed_at: InstantSchema,
    status: MigrationStatusSchema,
    execution_time_ms: z.number().nullable(),
    error_message: z.string().nullable(),
    direction: z.enum(['up', 'down', 'mark', 'baseline', 'repair']),
    run_id: z.string().nullable(),
    executed_by: z.string().nullable(),
    checksum: z.string().nullable(),
    details: z.record(z.string(), z.unknown()).nullable().catch(null),
  })
  .transform(
    (row): MigrationAttempt => ({
      id: row.id,
      migrationId: row.migration_id ?? '',
      executedAt: row.executed_at ?? new Date(0),
      status: row.status,
      executionTimeMs: row.execution_time_ms,
      errorMessage: row.error_message,
      direction: row.direction,
      runId: row.run_id,
      executedBy: row.executed_by,
      checksum: row.checksum,
      details: row.details,
    }),
  )

/** Reads one row of `schema_migrations`, sent as JSON text. TM3006 when it cannot be one. */
export function parseMigrationRow(json: string): MigrationRow {
  return parseRow(MigrationRowSchema, 'schema_migrations', json)
}

/** Reads the stored SQL of one migration, sent as JSON text; what an older layout did not store of the header is filled in. */
export function parseStoredMigration(json: string): StoredMigration {
  return parseRow(StoredMigrationSchema, 'schema_migrations', json)
}

/** Reads one row of `migration_history`, sent as JSON text. */
export function parseMigrationAttempt(json: string): MigrationAttempt {
  return parseRow(MigrationAttemptSchema, 'migration_history', json)
}

function parseRow<T>(schema: z.ZodType<T>, table: string, json: string): T {
  const value: unknown = JSON.parse(json)
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const id = String(property(value, 'id'))
  const problems = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
  throw new TidemarkError({
    code: 'TM3006',
    message: `the row "${id}" of "${table}" cannot be read: ${problems.join('; ')}`,
    help: 'mend the columns that are named, or read it with the version of Tidemark that wrote it',
    details: { table, id, problems },
    cause: parsed.error,
  })
}

/** What the row's own columns say, under what the stored header says. */
function completeHeader(row: {
  readonly id: string
  readonly description: string | null
  readonly migration_type: MigrationHeader['type']
  readonly depends_on: readonly string[]
  readonly header: unknown
}): MigrationHeader {
  const defaults: MigrationHeader = {
    description: row.description ?? row.id,
    type: row.migration_type,
    dependsOn: row.depends_on,
    transaction: 'required',
    run: 'once',
    lockTimeoutMs: null,
    statementTimeoutMs: null,
    role: null,
    blocking: true,
    replaces: [],
    tags: [],
  }
  const stored = typeof row.header === 'object' && row.header !== null ? row.header : {}
  const parsed = MigrationHeaderSchema.safeParse({ ...defaults, ...stored })
  return parsed.success ? parsed.data : defaults
}

function isEmptyHeader(header: unknown): boolean {
  return property(header, 'type') === undefined
}

function property(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined
  return Reflect.get(value, name)
}
