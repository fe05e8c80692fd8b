import * as z from 'zod'
import { DOWN_VERDICTS } from './down-verdict.ts'
import { MIGRATION_STATUSES, MIGRATION_TYPES } from './migration-words.ts'

// Apart from what needs no schema: to make these takes longer than to read a file.

/** See {@link MIGRATION_TYPES}. */
export const MigrationTypeSchema = z.enum(MIGRATION_TYPES)

/** See {@link MIGRATION_STATUSES}. */
export const MigrationStatusSchema = z.enum(MIGRATION_STATUSES)

/**
 * A migration's id: its file name without `.sql`, 1–255 of `A–Z a–z 0–9 . _ -`, starting with a letter or
 * digit.
 */
export const MigrationIdSchema = z
  .string()
  .min(1)
  .max(255)
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/)

/** A variable that a header declares. The value of a secret one is stored and shown nowhere. */
const VariableSchema = z.object({ name: z.string(), secret: z.boolean() }).readonly()

/** How a table is walked in batches: names as they are written, quotes included. */
export const MigrationBatchesSchema = z
  .object({
    table: z.string(),
    column: z.string(),
    /** Rows of a batch; null: found while it runs. */
    size: z.number().int().positive().nullable(),
    /** Milliseconds between two batches; null: none. */
    pauseMs: z.number().int().nonnegative().nullable(),
  })
  .readonly()

/** See `DownVerdict`. */
export const DownVerdictSchema = z
  .strictObject({ verdict: z.enum(DOWN_VERDICTS), details: z.array(z.string()).readonly() })
  .readonly()

/**
 * The header as parsed, defaults filled in. Stored as JSON beside the SQL; also the header of a stored
 * migration.
 */
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
  /** The environments that the file is for; absent: all of them. */
  environments: z.array(z.string()).readonly().optional(),
  /** The variables that the file may use; absent: none. */
  variables: z.array(VariableSchema).readonly().optional(),
  /** The table whose rows are changed in batches; absent: all at once. */
  batches: MigrationBatchesSchema.optional(),
})
