import {
  type BatchProgress,
  isMigrationHeader,
  MIGRATION_STATUSES,
  MIGRATION_TYPES,
  type MigrationHeader,
  type MigrationRow,
  type MigrationStatus,
  type MigrationType,
  type MigrationVersion,
  readDownVerdict,
} from '@tidemark/core'
import type { StoredHeader } from '../../statement/tracking-tables.ts'

/** The columns of a row of `schema_migrations` as the history reads them. */
export interface MigrationColumns {
  readonly id: string
  readonly status: MigrationStatus
  readonly checksum: string
  readonly migration_type: MigrationType
  readonly depends_on: readonly string[]
  readonly description: string | null
  readonly header?: unknown
  readonly reversible: boolean
  /** Seconds since 1970. */
  readonly applied_at: number | null
  readonly execution_time_ms: number | null
  readonly error_message: string | null
  readonly direction: 'up' | 'down' | null
  readonly statements_done: number | null
  /** Null or absent where no walk in batches is under way. */
  readonly progress?: BatchProgress | null | undefined
  readonly run_id: string | null
}

/** What the header of a row comes to. */
export interface ReadHeader {
  /** Null where an older layout left none. */
  readonly header: MigrationHeader | null
  readonly inForce: MigrationVersion | undefined
}

/**
 * Reads a row in which all is as this version writes it; undefined of any other, which `rows.ts` reads with
 * its schemas. Thousands of rows are read before anything is done; decision 0015 has what the schemas would
 * cost.
 */
export function parseCurrentRow(value: unknown): MigrationRow | undefined {
  if (!isCurrentRow(value)) return undefined
  const header = parseCurrentHeader(value)
  return header === undefined ? undefined : toMigrationRow(value, { header, inForce: undefined })
}

/** Makes a row of its columns and of what the header came to. */
export function toMigrationRow(row: MigrationColumns, { header, inForce }: ReadHeader): MigrationRow {
  const replacedBy = property(row.header, 'replaced_by')
  const earlierChecksums = property(row.header, 'earlier_checksums')
  const lastAppliedAfter = property(row.header, 'last_applied_after')
  const downVerdict = readDownVerdict(property(row.header, 'reversible'))
  return {
    id: row.id,
    status: row.status,
    checksum: row.checksum,
    type: row.migration_type,
    dependsOn: row.depends_on,
    header,
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
    ...(typeof lastAppliedAfter === 'number' ? { lastAppliedAfter } : {}),
    ...(row.progress == null ? {} : { progress: row.progress }),
    ...(inForce === undefined ? {} : { inForce }),
    ...(downVerdict === undefined ? {} : { downVerdict }),
  }
}

const STATUSES: ReadonlySet<unknown> = new Set(MIGRATION_STATUSES)
const TYPES: ReadonlySet<unknown> = new Set(MIGRATION_TYPES)

function isCurrentRow(value: unknown): value is MigrationColumns {
  if (typeof value !== 'object' || value === null) return false
  const row: { readonly [Key in keyof MigrationColumns]?: unknown } = value
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
    (row.statements_done === null || Number.isSafeInteger(row.statements_done)) &&
    // A walk that is under way is rare, and read with its schema.
    row.progress == null &&
    (row.run_id === null || typeof row.run_id === 'string')
  )
}

function isNumberOrNull(value: unknown): boolean {
  return value === null || typeof value === 'number'
}

/** Undefined of a header that is not this version's, or beside which another version is in force. */
function parseCurrentHeader({
  header,
}: Pick<MigrationColumns, 'header'>): MigrationHeader | null | undefined {
  if (isMigrationHeader(header)) return header
  if (header === null) return null
  if (typeof header !== 'object' || Array.isArray(header) || 'in_force' in header) return undefined
  if (isEmptyHeader(header)) return null
  const own = Object.fromEntries(Object.entries(header).filter(([key]) => !STATE_KEYS.has(key)))
  return isMigrationHeader(own) ? own : undefined
}

/** What the store writes into `header` beside what the file says. */
const STATE_KEYS: ReadonlySet<string> = new Set<keyof StoredHeader | 'applied_run_id'>([
  'progress',
  'template',
  'reversible',
  'replaced_by',
  'last_applied_at',
  'last_applied_after',
  // Of versions before attempts had a sequence.
  'applied_run_id',
  'earlier_checksums',
])

/** Tells whether an older layout, which stored no header, wrote the row. */
export function isEmptyHeader(header: unknown): boolean {
  return property(header, 'type') === undefined
}

/** Gives a property of what may be no object. */
export function property(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined
  return Reflect.get(value, name)
}

/** Gives a time, microseconds cut off; null of what is none. */
export function toDate(seconds: unknown): Date | null {
  if (typeof seconds !== 'number') return null
  const date = new Date(Math.floor(seconds * 1000))
  return Number.isNaN(date.getTime()) ? null : date
}

function isListOfTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string')
}
