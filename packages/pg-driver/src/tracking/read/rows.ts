import {
  type BatchProgress,
  type CatalogMark,
  DEFAULT_HEADER,
  type IdleRun,
  isMigrationHeader,
  type MigrationAttempt,
  type MigrationHeader,
  MigrationHeaderSchema,
  type MigrationRow,
  MigrationStatusSchema,
  MigrationTypeSchema,
  type MigrationVersion,
  readDownVerdict,
  type StoredMigration,
  TidemarkError,
} from '@tidemark/core'
import * as z from 'zod'
import { isEmptyHeader, property, toDate, toMigrationRow } from './migration-row.ts'

/**
 * What JavaScript cannot hold as seconds since 1970 (`infinity`, the year 290000) is as good as not known.
 */
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

/** Anything else is an edit by hand, which no later write could take parts away from. */
const HeaderColumnSchema = z.record(z.string(), z.unknown(), { error: 'must be a JSON object' }).nullable()

/** Without what is done of it, a walk would begin anew: what cannot be read is refused. */
const BatchProgressSchema = z.object({
  direction: z.enum(['up', 'down']),
  table: z.string(),
  column: z.string(),
  cursor: z.string(),
  first: z.string(),
  last: z.string(),
  rows: z.number(),
  batches: z.number(),
  walks: z.number(),
  size: z.number(),
  percent: z.number().nullable(),
})

/** Reads what `startStatement` answers of an attempt before. @throws TidemarkError TM3006. */
export function parseBatchProgress(id: string, progress: unknown): BatchProgress | null {
  const row = parseRow(
    z.object({ progress: BatchProgressSchema.nullable() }),
    'schema_migrations',
    JSON.stringify({ id, progress: progress ?? null }),
  )
  return row.progress
}

const MigrationRowSchema = z.object({
  id: z.string(),
  status: MigrationStatusSchema,
  checksum: z.string(),
  migration_type: MigrationTypeSchema,
  depends_on: z.array(z.string()).readonly(),
  description: z.string().nullable(),
  header: HeaderColumnSchema,
  reversible: z.boolean(),
  applied_at: InstantSchema,
  execution_time_ms: z.number().nullable(),
  error_message: z.string().nullable(),
  direction: DirectionSchema,
  statements_done: z.number().int().nullable(),
  progress: BatchProgressSchema.nullable().optional(),
  run_id: z.string().nullable(),
})

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
    header: HeaderColumnSchema,
  })
  .transform((row): StoredMigration => {
    const inForce = readInForce(row)
    return { ...toStored(row), ...(inForce === undefined ? {} : { inForce: toStored(inForce) }) }
  })

/** What `header.template` holds: JSON in which what is null may be absent. */
const TemplateSchema = z.object({
  up_sql: z.string(),
  down_sql: z.string().nullable().default(null),
  verify_sql: z.string().nullable().default(null),
})

function toStored(row: InForce): StoredMigration {
  const downVerdict = readDownVerdict(property(row.header, 'reversible'))
  const { data: template } = TemplateSchema.safeParse(property(row.header, 'template'))
  return {
    id: row.id,
    checksum: row.checksum,
    upSql: row.up_sql,
    downSql: row.down_sql,
    verifySql: row.verify_sql,
    header: completeHeader(row),
    ...(downVerdict === undefined ? {} : { downVerdict }),
    ...(template === undefined
      ? {}
      : {
          template: {
            upSql: template.up_sql,
            downSql: template.down_sql,
            verifySql: template.verify_sql,
          },
        }),
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
    sequence: z.number(),
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
      sequence: row.sequence,
    }),
  )

const IdleSchema = z.object({
  idle: z
    .object({
      sequence: z.number(),
      runId: z.string(),
      executedBy: z.string().nullable(),
      endedAt: z.number(),
    })
    .nullable()
    .catch(null),
})

/** Reads which run had nothing to do from the row of `database_schema`, sent as JSON text. */
export function parseIdleRun(json: string): IdleRun | null {
  const { idle } = parseRow(IdleSchema, 'database_schema', json)
  return idle === null ? null : { ...idle, endedAt: toDate(idle.endedAt) ?? new Date(0) }
}

const CatalogMarkSchema = z.object({
  catalog: z
    .object({ fingerprint: z.string(), role: z.string(), reading: z.string(), recordedAt: z.number() })
    .nullable()
    .catch(null),
})

/** Reads what was recorded of the catalog from the row of `database_schema`, sent as JSON text. */
export function parseCatalogMark(json: string): CatalogMark | null {
  const { catalog } = parseRow(CatalogMarkSchema, 'database_schema', json)
  return catalog === null ? null : { ...catalog, recordedAt: new Date(catalog.recordedAt * 1000) }
}

/** Reads one row of `schema_migrations`, sent as JSON text. TM3006 when it cannot be one. */
export function parseMigrationRow(json: string): MigrationRow {
  const row = parseRow(MigrationRowSchema, 'schema_migrations', json)
  const inForce = readInForce(row)
  return toMigrationRow(row, {
    header: isEmptyHeader(row.header) ? null : completeHeader(row),
    inForce: inForce && toMigrationVersion(inForce),
  })
}

/**
 * Reads the stored SQL of one migration, sent as JSON text; what an older layout did not store of the header
 * is filled in.
 */
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
    help: 'fix these columns, or read it with the version of Tidemark that wrote it',
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
    ...DEFAULT_HEADER,
    description: row.description ?? row.id,
    type: row.migration_type,
    dependsOn: row.depends_on,
  }
  if (isMigrationHeader(row.header)) return row.header
  const stored = typeof row.header === 'object' && row.header !== null ? row.header : {}
  const parsed = MigrationHeaderSchema.safeParse({ ...defaults, ...stored })
  return parsed.success ? parsed.data : defaults
}
