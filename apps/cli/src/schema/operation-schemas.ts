import * as z from 'zod'
import { FindingSchema } from './check-schemas.ts'
import { TargetSchema } from './schemas.ts'

/** `tidemark verify --json`. */
export const VerifySchema = z.strictObject({
  target: TargetSchema,
  migrations: z.array(
    z.strictObject({
      id: z.string(),
      /** `none`: it has no `@verify`. */
      outcome: z.enum(['held', 'failed', 'none']),
      queries: z.int(),
      durationMs: z.int(),
      error: z.string().nullable(),
      /** The query that did not hold. */
      query: z.string().nullable(),
      /** The other columns of the row that is not true, as JSON. */
      row: z.string().nullable(),
    }),
  ),
  counts: z.strictObject({ held: z.int(), failed: z.int(), none: z.int() }),
})
/** See {@link VerifySchema}. */
export type VerifyJson = z.infer<typeof VerifySchema>

const Ids = z.array(z.string())

const MergeVerdict = z.strictObject({
  result: z.enum(['same', 'matters', 'not_checked']),
  /** Of `matters`. */
  findings: z.array(FindingSchema),
  /** Of `not_checked`. */
  why: z.string().nullable(),
})
/** What executing two branches in both orders showed. */
export type MergeVerdictJson = z.infer<typeof MergeVerdict>

const Heads = z.tuple([z.string(), z.string()])

/** `tidemark branches --json`. */
export const BranchesSchema = z.strictObject({
  branches: z.array(z.strictObject({ head: z.string(), brings: Ids })),
  pairs: z.array(
    z.strictObject({
      heads: Heads,
      forkPoint: z.string().nullable(),
      brings: z.tuple([Ids, Ids]),
      touchedByBoth: z.array(z.strictObject({ object: z.string(), by: z.tuple([Ids, Ids]) })),
      /** Null with `--no-check`. */
      order: MergeVerdict.nullable(),
    }),
  ),
  touchedBySeveral: z.array(
    z.strictObject({ object: z.string(), by: z.array(z.strictObject({ head: z.string(), ids: Ids })) }),
  ),
})

/** `tidemark merge --json`. */
export const MergeSchema = z.strictObject({
  written: z.array(z.string()),
  id: z.string(),
  /** Each two of the heads that are joined; empty with `--no-check`. */
  orders: z.array(MergeVerdict.extend({ heads: Heads })),
})

/** `tidemark restore --json`. */
export const RestoreSchema = z.strictObject({
  target: TargetSchema,
  /** The run that saved it. */
  runId: z.string(),
  /** False: only planned. */
  done: z.boolean(),
  /** In order. `create` makes the tables, `fill` fills those that are there and empty. */
  steps: z.array(
    z.strictObject({
      migrationId: z.string(),
      tables: z.array(z.string()),
      manner: z.enum(['create', 'fill']),
      file: z.string(),
    }),
  ),
})
/** See {@link RestoreSchema}. */
export type RestoreJson = z.infer<typeof RestoreSchema>
