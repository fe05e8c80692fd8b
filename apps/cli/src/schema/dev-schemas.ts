import * as z from 'zod'
import { CheckSchema } from './check-schemas.ts'
import { ErrorSchema } from './schemas.ts'

const Ids = z.array(z.string())

/** One line of `tidemark dev --json`. */
export const DevSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('watching'),
    folder: z.string(),
    migrations: z.int(),
    /** Whether what is saved is applied to the database. */
    applies: z.boolean(),
    /** Why not. */
    why: z.string().nullable(),
  }),
  z.strictObject({ kind: z.literal('problems'), error: ErrorSchema.shape.error }),
  z.strictObject({ kind: z.literal('failed'), error: ErrorSchema.shape.error }),
  z.strictObject({
    kind: z.literal('checked'),
    /** New or edited. */
    saved: Ids,
    removed: Ids,
    durationMs: z.int(),
    /** What `check --json` says of them; null where there was nothing to run. */
    check: CheckSchema.nullable(),
  }),
  /** A finding about the order of what was saved and others. */
  z.strictObject({ kind: z.literal('order'), check: CheckSchema }),
  z.strictObject({
    kind: z.literal('applied'),
    action: z.enum(['apply', 'redo']),
    ids: Ids,
    durationMs: z.int(),
  }),
  /** Something to do by hand. */
  z.strictObject({ kind: z.literal('left'), id: z.string(), why: z.string(), command: z.string() }),
  /** The snapshot was written. */
  z.strictObject({ kind: z.literal('refreshed'), path: z.string() }),
  /** A line that a hook wrote. */
  z.strictObject({ kind: z.literal('hook'), hook: z.string(), line: z.string() }),
])
/** See {@link DevSchema}. */
export type DevJson = z.infer<typeof DevSchema>
