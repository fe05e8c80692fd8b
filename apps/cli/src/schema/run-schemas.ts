import { DownVerdictSchema } from '@tidemark/core'
import * as z from 'zod'
import { RehearsalSchema } from './rehearsal-schemas.ts'
import { DiagnosticSchema, TargetSchema } from './schemas.ts'

const Remark = z.strictObject({
  kind: z.enum(['no_transaction', 'destructive', 'strong_lock', 'no_row_security']),
  words: z.string(),
  /** How many rows the tables that it takes away hold, by the server's estimate. */
  rows: z.int().exactOptional(),
  line: z.int().positive().nullable(),
})

/** How far a migration in batches is. */
const Progress = z.strictObject({
  direction: z.enum(['up', 'down']),
  rows: z.int(),
  batches: z.int(),
  walks: z.int(),
  /** Rows of the next batch. */
  size: z.int(),
  /** 0 to 100; null where it cannot be estimated. */
  percent: z.number().nullable(),
})

/** `tidemark plan --json`, `up --dry-run --json`, `migrate --dry-run --json`, and the plan of `down`. */
export const PlanSchema = z.strictObject({
  target: TargetSchema,
  direction: z.enum(['up', 'down']),
  digest: z.string(),
  total: z.int(),
  /** True: `up` would refuse this plan, for the findings of severity `error`. */
  refused: z.boolean(),
  steps: z.array(
    z.strictObject({
      id: z.string(),
      action: z.string(),
      reason: z.string().nullable(),
      path: z.string().nullable(),
      after: z.array(z.string()),
      transaction: z.enum(['required', 'none']),
      statements: z.int(),
      /** What a rollback will send; null for other steps. */
      sql: z.string().nullable(),
      /**
       * Of a rollback: how it came to be applied. `recorded`: by a baseline or a mark, without being
       * executed.
       */
      applied: z
        .strictObject({
          at: z.iso.datetime(),
          how: z.enum(['executed', 'recorded']),
          runId: z.string().nullable(),
          executedBy: z.string().nullable(),
        })
        .exactOptional(),
      /** Of a step in batches: what it would find now. */
      batches: z
        .strictObject({
          table: z.string(),
          column: z.string(),
          /** Rows of a batch; null: found while it runs. */
          size: z.int().nullable(),
          /** Rows of the table, by the server's estimate. */
          rows: z.int().nullable(),
          first: z.string().nullable(),
          last: z.string().nullable(),
          /** How many batches that makes, where the size is fixed. */
          count: z.int().nullable(),
          progress: Progress.nullable(),
        })
        .exactOptional(),
      /** What a check showed of its `@down`; null: not known. Absent where none is there, or applied. */
      down: DownVerdictSchema.nullable().exactOptional(),
      remarks: z.array(Remark),
    }),
  ),
  /** Of a rollback: how many migrations stay applied. */
  stays: z.int().exactOptional(),
  leftOut: z.array(z.string()),
  findings: z.array(DiagnosticSchema),
})
/** See {@link PlanSchema}. */
export type PlanJson = z.infer<typeof PlanSchema>

/** `tidemark up --json`, `down --json`, `migrate --execute --json`. */
export const RunSchema = z.strictObject({
  target: TargetSchema,
  direction: z.enum(['up', 'down']),
  outcome: z.enum(['done', 'nothing_to_do', 'dry_run', 'left_to_others', 'paused']),
  runId: z.string(),
  done: z.array(z.strictObject({ id: z.string(), action: z.string(), durationMs: z.int() })),
  /** Of the outcome `paused`: the migration that was stopped between two batches, and how far it is. */
  paused: z.strictObject({ id: z.string(), progress: Progress.nullable() }).exactOptional(),
  leftOut: z.array(z.string()),
  findings: z.array(DiagnosticSchema),
  durationMs: z.int(),
  /** What the plan carried of its rehearsal. */
  rehearsal: RehearsalSchema.exactOptional(),
})
/** See {@link RunSchema}. */
export type RunJson = z.infer<typeof RunSchema>

/** `tidemark status --json`. */
export const StatusSchema = z.strictObject({
  target: TargetSchema,
  migrations: z.array(
    z.strictObject({
      id: z.string(),
      state: z.enum([
        'pending',
        'failed',
        'running',
        'half_rolled_back',
        'applied',
        'changed',
        'older',
        'orphaned',
        'elsewhere',
      ]),
      path: z.string().nullable(),
      appliedAt: z.iso.datetime().nullable(),
      executionTimeMs: z.int().nullable(),
      error: z.string().nullable(),
      blocking: z.boolean(),
      /** Of a migration in batches that is not done: what is done of it. */
      progress: Progress.exactOptional(),
    }),
  ),
  /**
   * The runner that holds the run lock at this moment, with the last statement it sent; null when there is
   * none.
   */
  runner: z
    .strictObject({
      pid: z.int(),
      applicationName: z.string().nullable(),
      user: z.string().nullable(),
      since: z.iso.datetime().nullable(),
      statement: z.string().nullable(),
    })
    .nullable(),
  heads: z.array(z.string()),
  counts: z.strictObject({
    applied: z.int(),
    pending: z.int(),
    changed: z.int(),
    orphaned: z.int(),
    /** Files for other environments: neither pending nor required. */
    elsewhere: z.int(),
  }),
  findings: z.array(DiagnosticSchema),
})
/** See {@link StatusSchema}. */
export type StatusJson = z.infer<typeof StatusSchema>

/** One of the two. */
const Place = { statement: z.int().exactOptional(), verify: z.int().exactOptional() }

const Blocker = z.strictObject({
  pid: z.int(),
  applicationName: z.string().nullable(),
  user: z.string().nullable(),
})

/** `tidemark history --json`. */
export const HistorySchema = z.strictObject({
  target: TargetSchema,
  /** With --runs: the newest first. */
  runs: z
    .array(
      z.strictObject({
        runId: z.string(),
        /** `redo`: it rolled back and applied. */
        kind: z.enum(['up', 'down', 'redo', 'mark', 'baseline', 'repair']),
        endedAt: z.iso.datetime(),
        executedBy: z.string().nullable(),
        reason: z.string().nullable(),
        migrations: z.array(z.string()),
        failed: z.array(z.string()),
        /** What it applied and is applied now: what `down --run` takes. */
        inForce: z.array(z.string()),
      }),
    )
    .exactOptional(),
  attempts: z.array(
    z.strictObject({
      migrationId: z.string(),
      executedAt: z.iso.datetime(),
      status: z.enum(['pending', 'running', 'completed', 'failed', 'rolled_back']),
      direction: z.enum(['up', 'down', 'mark', 'baseline', 'repair']),
      executionTimeMs: z.int().nullable(),
      executedBy: z.string().nullable(),
      runId: z.string().nullable(),
      error: z.string().nullable(),
      /** Why, as `--reason` said. */
      reason: z.string().nullable(),
      /** Statements, and queries of `@verify`, of 10 ms and more, from 1. */
      statements: z.array(z.strictObject({ ...Place, durationMs: z.int() })),
      /** Waits for table locks, with who held them. */
      lockWaits: z.array(
        z.strictObject({ statement: z.int(), waitedMs: z.int(), blockers: z.array(Blocker) }),
      ),
      /** What was tried again, with the SQLSTATE that caused it. */
      retries: z.array(
        z.strictObject({
          attempt: z.int(),
          sqlState: z.string(),
          delayMs: z.int(),
          blockers: z.array(Blocker),
        }),
      ),
      /** Where data was saved before it ran. */
      backup: z
        .strictObject({
          path: z.string(),
          tables: z.array(z.string()),
          /** Absent from what earlier versions saved. */
          rows: z.number().optional(),
          sha256: z.string().optional(),
        })
        .nullable(),
    }),
  ),
})
/** See {@link HistorySchema}. */
export type HistoryJson = z.infer<typeof HistorySchema>
