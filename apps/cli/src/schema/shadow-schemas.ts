import * as z from 'zod'

const ShadowSchema = z.strictObject({
  engine: z.enum(['pglite', 'native', 'server']),
  /** Of PostgreSQL. */
  version: z.string(),
  /** How many migrations it has. */
  applied: z.int(),
  /** How many of them came from the cache. */
  restored: z.int(),
})

/** `tidemark snapshot --json`. */
export const SnapshotSchema = z.strictObject({
  out: z.string().nullable(),
  state: z.enum(['printed', 'written', 'unchanged']),
  shadow: ShadowSchema,
  sql: z.string(),
})
/** See {@link SnapshotSchema}. */
export type SnapshotJson = z.infer<typeof SnapshotSchema>
