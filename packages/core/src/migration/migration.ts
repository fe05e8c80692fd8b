import * as z from 'zod'
import type { SqlStatement } from '../sql/statement.ts'
import type { SourceFile } from '../text/source-file.ts'
import type { Span } from '../text/span.ts'
import type { LargeContent } from './large-content.ts'

/** What a migration does, for people and for checks (`Type:` in the header). */
export const MigrationTypeSchema = z.enum([
  'create_table',
  'alter_table',
  'drop_table',
  'create_index',
  'drop_index',
  'insert_data',
  'update_data',
  'delete_data',
  'custom_sql',
])
/** See {@link MigrationTypeSchema}. */
export type MigrationType = z.infer<typeof MigrationTypeSchema>

/** The states of a row in `schema_migrations` and of an attempt in `migration_history`. */
export const MigrationStatusSchema = z.enum(['pending', 'running', 'completed', 'failed', 'rolled_back'])
/** See {@link MigrationStatusSchema}. */
export type MigrationStatus = z.infer<typeof MigrationStatusSchema>

/** A migration's id: its file name without `.sql`, 1–255 of `A–Z a–z 0–9 . _ -`, starting with a letter or digit. */
export const MigrationIdSchema = z
  .string()
  .min(1)
  .max(255)
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/)
/** See {@link MigrationIdSchema}. */
export type MigrationId = string

/** The header as parsed, defaults filled in. Stored as JSON beside the SQL; also the header of a stored migration. */
export const MigrationHeaderSchema = z.object({
  description: z.string(),
  type: MigrationTypeSchema,
  dependsOn: z.array(MigrationIdSchema).readonly(),
  transaction: z.enum(['required', 'none']),
  run: z.enum(['once', 'on_change']),
  /** Milliseconds; 0 is no limit; null is the configured default. */
  lockTimeoutMs: z.number().int().nonnegative().nullable(),
  /** Milliseconds; 0 is no limit; null is the configured default. */
  statementTimeoutMs: z.number().int().nonnegative().nullable(),
  role: z.string().nullable(),
  blocking: z.boolean(),
  replaces: z.array(MigrationIdSchema).readonly(),
  tags: z.array(z.string()).readonly(),
})
/** See {@link MigrationHeaderSchema}. */
export type MigrationHeader = z.infer<typeof MigrationHeaderSchema>

/** One section of a file: `@up`, `@down` or `@verify`. Offsets are into the file's normalised text. */
export interface MigrationSection {
  /** The marker line. */
  readonly marker: Span
  /** Everything between the marker's line and the next marker or the end. */
  readonly body: Span
  /** The statements that have code, in order. */
  readonly statements: readonly SqlStatement[]
}

/** One parsed migration file. Immutable; made by `parseMigration`. */
export interface Migration {
  readonly id: MigrationId
  readonly source: SourceFile
  readonly header: MigrationHeader
  /** Spans of the ids in `Depends on`, in the order of `header.dependsOn`. */
  readonly dependsOnSpans: readonly Span[]
  /** Spans of the ids in `Replaces`, in the order of `header.replaces`. */
  readonly replacesSpans: readonly Span[]
  readonly up: MigrationSection
  readonly down: MigrationSection | undefined
  readonly verify: MigrationSection | undefined
  /** SHA-256 of the normalised text, 64 lower-case hex digits. */
  readonly checksum: string
  /** Of a file over 16 MiB: then `source` and `up` are a digest of it. */
  readonly large?: LargeContent
}

/**
 * Counts the statements of `@up`, of which a large file's digest may show fewer.
 *
 * @example countStatements(migration) // 1
 */
export function countStatements({ up, large }: Pick<Migration, 'up' | 'large'>): number {
  return large?.statementCount ?? up.statements.length
}

/**
 * Gives the text of a section's body, as stored: trimmed of surrounding white space.
 *
 * @example sectionText(migration, migration.up) // 'CREATE TABLE users (id int);'
 */
export function sectionText(migration: Pick<Migration, 'source'>, section: MigrationSection): string {
  return migration.source.text.slice(section.body.start, section.body.end).trim()
}

/**
 * Tells whether rolling this migration back is possible: a `@down` with a statement, or a merge point.
 *
 * @example isReversible(migration) // true
 */
export function isReversible(migration: Migration): boolean {
  return (migration.down?.statements.length ?? 0) > 0 || isMergePoint(migration)
}

/**
 * Tells whether a migration only joins branches: `Type: custom_sql`, `Tags: [merge]`, two dependencies or more, empty `@up`.
 *
 * @example isMergePoint(migration) // false
 */
export function isMergePoint(migration: Pick<Migration, 'header' | 'up'>): boolean {
  const { type, tags, dependsOn } = migration.header
  return (
    migration.up.statements.length === 0 &&
    type === 'custom_sql' &&
    tags.includes('merge') &&
    dependsOn.length >= 2
  )
}
