import * as z from 'zod'
import { TargetSchema } from './schemas.ts'

const Severity = z.enum(['error', 'warning', 'note'])

const Relation = {
  schema: z.string(),
  name: z.string(),
  kind: z.string(),
  /** As the server estimates them; null: not known. */
  rows: z.number().nullable(),
  bytes: z.number().nullable(),
  indexes: z.int(),
  indexBytes: z.number().nullable(),
}

const Statement = z.strictObject({
  line: z.int().positive(),
  /** On what is on the target before the plan, by the names that it has there. */
  locks: z.array(
    z.strictObject({
      ...Relation,
      mode: z.string(),
      /** `by_manual`: a statement outside of a transaction gives its locks back before one can look. */
      basis: z.enum(['seen', 'by_manual']),
    }),
  ),
  work: z.array(
    z.strictObject({ ...Relation, does: z.enum(['rewrite', 'scan', 'index_build', 'changes_rows']) }),
  ),
  /** Who waits while it runs, for the locks that its transaction holds then. */
  blocks: z.enum(['nobody', 'writers', 'everybody']),
  /** What is most likely; null: not known. */
  durationMs: z.strictObject({ low: z.number(), high: z.number() }).nullable(),
})

const Session = z.strictObject({
  pid: z.int().nullable(),
  applicationName: z.string().nullable(),
  role: z.string().nullable(),
  state: z.string().nullable(),
  kind: z.string().nullable(),
  /** How long its transaction has been open. */
  seconds: z.number().nullable(),
})

const Query = z.strictObject({ source: z.string(), text: z.string(), why: z.string() })

/** `tidemark rehearse --json`, and what a saved plan carries of it. */
export const RehearsalSchema = z.strictObject({
  result: z.enum(['nothing_found', 'findings', 'not_provable']),
  target: TargetSchema,
  targetVersion: z.string(),
  standby: z.boolean(),
  shadow: z.strictObject({ engine: z.enum(['pglite', 'server']), version: z.string() }),
  copiedFrom: z.enum(['stored_sql', 'dump']),
  rehearsedAt: z.iso.datetime(),
  /** Of the plan. */
  digest: z.string(),
  /** What of the target is not as its migrations make it. */
  drift: z.array(z.strictObject({ object: z.string(), sentences: z.array(z.string()) })),
  /** What the copy does not have as the target has it. */
  differences: z.array(z.string()),
  migrations: z.array(
    z.strictObject({
      id: z.string(),
      path: z.string(),
      transaction: z.enum(['required', 'none']),
      batches: z.strictObject({ table: z.string(), column: z.string() }).nullable(),
      outcome: z.enum(['ran', 'failed', 'not_run']),
      statements: z.array(Statement),
    }),
  ),
  holders: z.array(
    z.strictObject({
      schema: z.string(),
      name: z.string(),
      holds: z.string(),
      wanted: z.string(),
      session: Session,
    }),
  ),
  queries: z
    .strictObject({
      compared: z.int(),
      broken: z.array(Query),
      /** They do not work before the plan either. */
      notCompared: z.array(Query),
      /** Lines of logs that hold no statement. */
      unread: z.int(),
    })
    .nullable(),
  /** What durations rest on. */
  speed: z.enum(['unknown', 'calibrated', 'history']),
  findings: z.array(
    z.strictObject({
      rule: z.string(),
      severity: Severity,
      /** Null for what is about the target, or the plan as a whole. */
      id: z.string().nullable(),
      path: z.string().nullable(),
      line: z.int().positive().nullable(),
      message: z.string(),
      details: z.array(z.string()),
    }),
  ),
  /** What could not be rehearsed, which is never taken for right. */
  gaps: z.array(z.strictObject({ id: z.string().nullable(), why: z.string() })),
  /** The file of the saved plan. */
  written: z.string().nullable(),
})
/** See {@link RehearsalSchema}. */
export type RehearsalJson = z.infer<typeof RehearsalSchema>
