import {
  isMigrationHeader,
  type MigrationAttempt,
  type MigrationHeader,
  MigrationHeaderSchema,
  type MigrationRow,
  MigrationStatusSchema,
  MigrationTypeSchema,
  type MigrationVersion,
  type StoredMigration,
  TidemarkError,
} from '@tidemark/core'
import * as z from 'zod'

/** What JavaScript cannot hold as seconds since 1970 (`infinity`, the year 290000) is as good as not known. */
const InstantSchema = z.number().nullable().catch(null)
const DirectionSchema = z.enum(['up', 'down']).nullable().catch(null)

/** What `header.in_force` holds: JSON in which what is null is absent. */
const InForceSchema = z.object({
  checksum: z.string(),
  migration_type: MigrationTypeSchema,
  depends_on: z.array(z.string()).readonly(),
  description: z.string().nullable().default(null),
  up_sql: z.string().default(''),
  down_sql: z.string().nullable().default(null),
  verify_sql: z.string().nullable().default(null),
  header: z.unknown(),
})

const MigrationRowSchema = z.object({
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

const STATUSES: ReadonlySet<unknown> = new Set(MigrationStatusSchema.options)
const TYPES: ReadonlySet<unknown> = new Set(MigrationTypeSchema.options)

/** What the schema takes as it is, found without the schema's cost: thousands of rows are read before anything is done. */
function isPlainRow(value: unknown): value is z.infer<typeof MigrationRowSchema> {
  if (typeof value !== 'object' || value === null) return false
  const row: { readonly [Key in keyof z.infer<typeof MigrationRowSchema>]?: unknown } = value
  return (
    typeof row.id === 'string' &&
    STATUSES.has(row.status) &&
    typeof row.checksum === 'string' &&
    TYPES.has(row.migration_type) &&
    isListOfTexts(row.depends_on) &&
    (row.description === null || typeof row.description === 'string') &&
    typeof row.reversible === 'boolean' &&
    isNumberOrNull(row.applied_at) &&
    isNumberOrNull(row.execution_time_ms) &&
    (row.error_message === null || typeof row.error_message === 'string') &&
    (row.direction === null || row.direction === 'up' || row.direction === 'down') &&
    row.statements_done === null &&
    (row.run_id === null || typeof row.run_id === 'string')
  )
}

function isNumberOrNull(value: unknown): boolean {
  return value === null || typeof value === 'number'
}

function toMigrationRow(row: z.infer<typeof MigrationRowSchema>): MigrationRow {
  const replacedBy = property(row.header, 'replaced_by')
  const earlierChecksums = property(row.header, 'earlier_checksums')
  const appliedRunId = property(row.header, 'applied_run_id')
  const inForce = readInForce(row)
  return {
    id: row.id,
    status: row.status,
    checksum: row.checksum,
    type: row.migration_type,
    dependsOn: row.depends_on,
    header: isEmptyHeader(row.header) ? null : completeHeader(row),
    replacedBy: typeof replacedBy === 'string' ? replacedBy : null,
    reversible: row.reversible,
    appliedAt: toDate(row.applied_at),
    executionTimeMs: row.execution_time_ms,
    errorMessage: row.error_message,
    direction: row.direction,
    statementsDone: row.statements_done,
    runId: row.run_id,
    lastAppliedAt: toDate(property(row.header, 'last_applied_at')),
    earlierChecksums: isListOfTexts(earlierChecksums) ? earlierChecksums : [],
    ...(typeof appliedRunId === 'string' ? { appliedRunId: appliedRunId === '' ? null : appliedRunId } : {}),
    ...(inForce === undefined ? {} : { inForce: toMigrationVersion(inForce) }),
  }
}

type InForce = z.infer<typeof InForceSchema> & { readonly id: string }

/** Of a row that is completed again, or rolled back, nothing else is in force. */
function readInForce({ id, status, header }: Pick<MigrationRow, 'id' | 'status'> & { header?: unknown }) {
  if (status !== 'failed' && status !== 'running') return undefined
  const parsed = InForceSchema.safeParse(property(header, 'in_force'))
  return parsed.success ? { id, ...parsed.data } : undefined
}

function toMigrationVersion(version: InForce): MigrationVersion {
  return {
    checksum: version.checksum,
    type: version.migration_type,
    dependsOn: version.depends_on,
    header: isEmptyHeader(version.header) ? null : completeHeader(version),
    reversible: version.down_sql !== null,
  }
}

const StoredMigrationSchema = z
  .object({
    id: z.string(),
    status: MigrationStatusSchema,
    checksum: z.string(),
    migration_type: MigrationTypeSchema,
    depends_on: z.array(z.string()).readonly(),
    description: z.string().nullable(),
    up_sql: z.string(),
    down_sql: z.string().nullable(),
    verify_sql: z.string().nullable(),
    header: z.unknown(),
  })
  .transform((row): StoredMigration => {
    const inForce = readInForce(row)
    return { ...toStored(row), ...(inForce === undefined ? {} : { inForce: toStored(inForce) }) }
  })

function toStored(row: InForce): StoredMigration {
  return {
    id: row.id,
    checksum: row.checksum,
    upSql: row.up_sql,
    downSql: row.down_sql,
    verifySql: row.verify_sql,
    header: completeHeader(row),
  }
}

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
      executedAt: toDate(row.executed_at) ?? new Date(0),
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
  const value: unknown = JSON.parse(json)
  return toMigrationRow(isPlainRow(value) ? value : checkRow(MigrationRowSchema, 'schema_migrations', value))
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
  return checkRow(schema, table, JSON.parse(json))
}

function checkRow<T>(schema: z.ZodType<T>, table: string, value: unknown): T {
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
  if (isMigrationHeader(row.header)) return row.header
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

function toDate(seconds: unknown): Date | null {
  if (typeof seconds !== 'number') return null
  const date = new Date(Math.floor(seconds * 1000))
  return Number.isNaN(date.getTime()) ? null : date
}

function isListOfTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string')
}
