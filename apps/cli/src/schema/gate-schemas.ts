import { ManifestSchema } from '@tidemark/gate'
import * as z from 'zod'
import { DiagnosticSchema, TargetSchema } from './schemas.ts'

/** `tidemark manifest --json`. */
export const ManifestOutcomeSchema = z.strictObject({
  /** The file; null without `--out`. */
  out: z.string().nullable(),
  state: z.enum(['printed', 'written', 'unchanged']),
  manifest: ManifestSchema,
})

/** `tidemark wait --json`. */
export const WaitSchema = z.strictObject({
  /** Null when the database was never reached. */
  target: TargetSchema.nullable(),
  /** `drifted`: applied files have changed in a way that refuses a run; it ends the waiting at once. */
  outcome: z.enum(['current', 'timed_out', 'drifted']),
  waitedMs: z.int(),
  pending: z.array(z.string()),
  /** Those of the pending ones whose last attempt failed. */
  failed: z.array(z.string()),
  /** Why the database could not be reached when it was last tried. */
  unreachable: z.string().nullable(),
  /** What has changed, when the outcome is `drifted`. */
  findings: z.array(DiagnosticSchema),
})
/** See {@link WaitSchema}. */
export type WaitJson = z.infer<typeof WaitSchema>

/** `tidemark squash --json`. */
export const SquashSchema = z.strictObject({
  id: z.string(),
  path: z.string(),
  /** `kept`: it was written before, and the files that it replaces were deleted. */
  state: z.enum(['written', 'shown', 'kept']),
  /** In the order of the file. */
  replaces: z.array(z.string()),
  dependsOn: z.array(z.string()),
  /** The files that it replaces and that were deleted. */
  deleted: z.array(z.string()),
  reversible: z.boolean(),
  notes: z.array(z.string()),
})
/** See {@link SquashSchema}. */
export type SquashJson = z.infer<typeof SquashSchema>
