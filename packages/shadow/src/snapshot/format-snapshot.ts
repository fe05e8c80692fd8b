import { quoteIdentifier } from '@tidemark/core'
import { type Dump, type DumpEntry, readDump } from './dump-entries.ts'

/** What {@link formatSnapshot} takes. */
export interface FormatSnapshotOptions {
  /** What `pg_dump` says of the database, and of an empty one: what both have is left out. */
  readonly dump: string
  readonly emptyDump?: string | undefined
  /** The major version of PostgreSQL. */
  readonly serverMajor: number
  /** Who owns what has no other owner. */
  readonly user: string
  /** The schema of the tracking tables. */
  readonly trackingSchema: string
}

const HEADING = '-- What the migrations make. Written by "tidemark snapshot"; do not edit.'

/**
 * Writes the text of a snapshot: the dump without what differs from machine to machine. The user of the
 * shadow is not named: it owns what it creates, and grants are to `CURRENT_ROLE`.
 */
export function formatSnapshot({ serverMajor, user, ...options }: FormatSnapshotOptions): string {
  return `${HEADING}\n-- PostgreSQL ${serverMajor}\n\n${formatDump({ ...selectEntries(options), user })}`
}

/** Which objects of a dump are wanted. */
export type SelectEntriesOptions = Pick<FormatSnapshotOptions, 'dump' | 'emptyDump' | 'trackingSchema'>

/** Reads a dump without the tracking tables, and without what an empty database has too. */
export function selectEntries({ dump, emptyDump, trackingSchema }: SelectEntriesOptions): Dump {
  const { settings, entries } = readDump(dump)
  const empty = new Set(emptyDump === undefined ? [] : readDump(emptyDump).entries.map(identify))
  const own = entries.filter((entry) => !isTracking(entry, trackingSchema) && !empty.has(identify(entry)))
  return { settings, entries: withoutTrackingSchema(own, trackingSchema) }
}

/** Writes a dump as text in which a user is not named. */
export function formatDump({ settings, entries, user }: Dump & { readonly user: string }): string {
  const parts = entries.flatMap((entry) => formatEntry(entry, user))
  return `${[settings.join('\n'), ...parts].join('\n\n')}\n`
}

function identify({ name, type, schema, sql }: DumpEntry): string {
  return [type, schema, name, sql].join('\0')
}

/** The objects of the tracking tables; what is part of one is named after it, as in `TABLE database_schema`. */
const TRACKING: ReadonlySet<string> = new Set([
  'migration_status',
  'migration_type',
  'schema_migrations',
  'migration_history',
  'migration_history_sequence_seq',
  'migration_history_migration_id_executed_at_idx',
  'database_schema',
  'database_schema_one_row_idx',
])

function isTracking({ name, schema }: DumpEntry, trackingSchema: string): boolean {
  if (schema !== trackingSchema) return false
  const [own = ''] = name.replace(/^(?:TABLE|COLUMN|TYPE|SEQUENCE|INDEX) /, '').split(/[ .]/)
  return TRACKING.has(own)
}

/** A schema for the tracking tables alone is theirs. */
function withoutTrackingSchema(entries: readonly DumpEntry[], trackingSchema: string): readonly DumpEntry[] {
  if (trackingSchema === 'public' || entries.some(({ schema }) => schema === trackingSchema)) return entries
  const names = [trackingSchema, `SCHEMA ${trackingSchema}`]
  return entries.filter(({ name, schema }) => schema !== undefined || !names.includes(name))
}

function formatEntry({ name, type, schema, sql }: DumpEntry, user: string): readonly string[] {
  const place = schema === undefined ? '' : `; Schema: ${schema}`
  const text = withoutUser(type, sql, user)
  return text === '' ? [] : [`-- Name: ${name}; Type: ${type}${place}\n\n${text}`]
}

function withoutUser(type: string, sql: string, user: string): string {
  const name = `(?:${inPattern(user)}|${inPattern(quoteIdentifier(user))})`
  if (/^(?:DEFAULT )?ACL$/.test(type))
    return sql.replace(
      new RegExp(`\\b(TO|FROM|FOR ROLE|GRANTED BY) ${name}(?![\\w"$])`, 'g'),
      '$1 CURRENT_ROLE',
    )
  return sql
    .replace(new RegExp(`^ALTER .* OWNER TO ${name};$`, 'gm'), '')
    .replace(/\n{3,}/g, '\n\n')
    .trim()
}

function inPattern(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
