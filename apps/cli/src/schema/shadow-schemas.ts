import * as z from 'zod'

const ShadowSchema = z.strictObject({
  engine: z.enum(['pglite', 'server']),
  /** Of PostgreSQL. */
  version: z.string(),
  /** How many migrations it has. */
  applied: z.int(),
  /** How many of them came from the cache. */
  restored: z.int(),
})

/** `tidemark baseline --from-database --json`. */
export const BaselineDraftSchema = z.strictObject({
  id: z.string(),
  /** The path; null with `--dry-run`. */
  written: z.string().nullable(),
  objects: z.int(),
  tables: z.int(),
  /** Whether an empty database has the same catalog after it. */
  proved: z.boolean(),
  /** Why that is not known. */
  why: z.string().nullable(),
  text: z.string(),
})
/** See {@link BaselineDraftSchema}. */
export type BaselineDraftJson = z.infer<typeof BaselineDraftSchema>

/** `tidemark snapshot --json`. */
export const SnapshotSchema = z.strictObject({
  out: z.string().nullable(),
  state: z.enum(['printed', 'written', 'unchanged']),
  shadow: ShadowSchema,
  sql: z.string(),
})
/** See {@link SnapshotSchema}. */
export type SnapshotJson = z.infer<typeof SnapshotSchema>
