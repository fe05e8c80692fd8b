import type * as z from 'zod'
import type { SqlStatement } from '../../sql/statement.ts'
import type { SourceFile } from '../../text/source-file.ts'
import type { Span } from '../../text/span.ts'
import type { DownVerdict } from './down-verdict.ts'
import type { LargeContent } from './large-content.ts'
import type { MigrationBatchesSchema, MigrationHeaderSchema } from './migration-schemas.ts'
import type { MIGRATION_STATUSES, MIGRATION_TYPES } from './migration-words.ts'

/** See {@link MIGRATION_TYPES}. */
export type MigrationType = (typeof MIGRATION_TYPES)[number]

/** See {@link MIGRATION_STATUSES}. */
export type MigrationStatus = (typeof MIGRATION_STATUSES)[number]

/** See `MigrationIdSchema`. */
export type MigrationId = string

/** See {@link MigrationHeaderSchema}. */
export type MigrationHeader = z.infer<typeof MigrationHeaderSchema>

/** A variable that a header declares. The value of a secret one is stored and shown nowhere. */
export type HeaderVariable = NonNullable<MigrationHeader['variables']>[number]

/** How a table is walked in batches, see {@link MigrationBatchesSchema}. */
export type MigrationBatches = z.infer<typeof MigrationBatchesSchema>

/** One section of a file: `@up`, `@down` or `@verify`. Offsets are into the file's normalised text. */
export interface MigrationSection {
  /** The marker line. */
  readonly marker: Span
  /** Everything between the marker's line and the next marker or the end. */
  readonly body: Span
  /** The statements that have code, in order. */
  readonly statements: readonly SqlStatement[]
}

/** What the database keeps of a file with variables. */
export interface StoredForms {
  /** The file as it is written: changes are judged by it. */
  readonly template: Migration
  /** The file with the values that are not secret. */
  readonly recorded: Migration
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
  /** Of a file whose variables have their values: what is stored of it. Its `source` is what runs. */
  readonly stored?: StoredForms
  /** What a check showed of its `@down`, where that is known. */
  readonly downVerdict?: DownVerdict
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
 * Tells whether a migration only joins branches: `Type: custom_sql`, `Tags: [merge]`, two dependencies or
 * more, empty `@up`.
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
