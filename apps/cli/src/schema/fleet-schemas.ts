import * as z from 'zod'
import { DiagnosticSchema } from './schemas.ts'

const Names = z.array(z.string())

const Failure = z.strictObject({
  name: z.string(),
  code: z.string().regex(/^TM\d{4}$/),
  message: z.string(),
  help: z.string().nullable(),
})
/** A target that failed, with its error. */
export type FleetFailureJson = z.infer<typeof Failure>

/** A rollout of the queue: `tidemark fleet cancel --json`, and `--pause` and `--resume` of `fleet up`. */
export const FleetQueuedSchema = z.strictObject({
  rolloutId: z.string(),
  direction: z.enum(['up', 'down']),
  state: z.enum(['running', 'paused', 'complete', 'stopped', 'cancelled']),
  /** The one that has begun, from 1. */
  wave: z.int(),
  waves: Names,
  startedAt: z.string(),
  endedAt: z.string().nullable(),
  executedBy: z.string(),
  reason: z.string().nullable(),
  counts: z.strictObject({
    done: z.int(),
    current: z.int(),
    failed: z.int(),
    running: z.int(),
    notBegun: z.int(),
  }),
  failed: Names,
})
/** See {@link FleetQueuedSchema}. */
export type FleetQueuedJson = z.infer<typeof FleetQueuedSchema>

const State = z.enum(['current', 'pending', 'ahead', 'changed'])

/** `tidemark fleet status --json`. */
export const FleetStatusSchema = z.strictObject({
  total: z.int(),
  counts: z.strictObject({
    current: z.int(),
    pending: z.int(),
    ahead: z.int(),
    changed: z.int(),
    unreachable: z.int(),
  }),
  /** Targets that are alike, with the last migration that they have applied. */
  versions: z.array(
    z.strictObject({ version: z.string().nullable(), state: State, pending: z.int(), targets: Names }),
  ),
  targets: z.array(
    z.strictObject({
      name: z.string(),
      state: State,
      version: z.string().nullable(),
      pending: Names,
      /** Applied, without a file. */
      ahead: Names,
      /** Migrations whose last attempt failed. */
      failed: z.array(z.strictObject({ id: z.string(), error: z.string().nullable() })),
      /** What refuses a run. */
      problems: Names,
    }),
  ),
  /** Targets that could not be read. */
  failures: z.array(Failure),
  /** Rollouts of the queue that are open; empty without one. */
  queue: z.array(FleetQueuedSchema),
})
/** See {@link FleetStatusSchema}. */
export type FleetStatusJson = z.infer<typeof FleetStatusSchema>

/** `tidemark fleet plan --json`, and `--dry-run` of `fleet up` and `fleet down`. */
export const FleetPlanSchema = z.strictObject({
  direction: z.enum(['up', 'down']),
  total: z.int(),
  /** Targets whose plans are equal. */
  groups: z.array(
    z.strictObject({
      kind: z.enum(['steps', 'nothing', 'refused']),
      steps: z.array(z.strictObject({ action: z.string(), id: z.string() })),
      destructive: z.int(),
      findings: z.array(DiagnosticSchema),
      targets: Names,
    }),
  ),
  failures: z.array(Failure),
})
/** See {@link FleetPlanSchema}. */
export type FleetPlanJson = z.infer<typeof FleetPlanSchema>

const Outcome = z.strictObject({
  name: z.string(),
  wave: z.string(),
  outcome: z.enum(['done', 'current', 'failed', 'interrupted', 'not_begun']),
  /** Migrations, in order. */
  done: Names,
  durationMs: z.int().nullable(),
  error: Failure.omit({ name: true }).nullable(),
})
/** What a rollout came to for one target. */
export type FleetOutcomeJson = z.infer<typeof Outcome>

/** `tidemark fleet up --json` and `tidemark fleet down --json`. */
export const FleetRolloutSchema = z.strictObject({
  /** The run id that the targets have in their records. */
  rolloutId: z.string(),
  direction: z.enum(['up', 'down']),
  ended: z.enum(['complete', 'stopped', 'interrupted', 'cancelled', 'detached']),
  counts: z.strictObject({
    done: z.int(),
    current: z.int(),
    failed: z.int(),
    interrupted: z.int(),
    notBegun: z.int(),
  }),
  durationMs: z.int(),
  targets: z.array(Outcome),
})
/** See {@link FleetRolloutSchema}. */
export type FleetRolloutJson = z.infer<typeof FleetRolloutSchema>

/** One line of `--json-lines`; the last one is a {@link FleetRolloutSchema} with the event `ended`. */
export const FleetEventSchema = z.discriminatedUnion('event', [
  z.strictObject({
    event: z.literal('wave_started'),
    wave: z.string(),
    number: z.int(),
    waves: z.int(),
    targets: z.int(),
  }),
  z.strictObject({ event: z.literal('target_started'), name: z.string(), wave: z.string() }),
  Outcome.extend({ event: z.literal('target_finished') }),
  z.strictObject({ event: z.literal('pausing'), durationMs: z.int(), next: z.string() }),
  z.strictObject({ event: z.literal('queued'), rolloutId: z.string(), targets: z.int() }),
  z.strictObject({ event: z.literal('waiting'), direction: z.enum(['up', 'down']) }),
  z.strictObject({ event: z.enum(['paused', 'resumed']) }),
  z.strictObject({
    event: z.literal('stopped'),
    failures: z.int(),
    allowed: z.int(),
    notBegun: z.int(),
  }),
  FleetRolloutSchema.extend({ event: z.literal('ended') }),
])
/** See {@link FleetEventSchema}. */
export type FleetEventJson = z.infer<typeof FleetEventSchema>

/** One line of `tidemark fleet work --json-lines`. */
export const FleetWorkEventSchema = z.discriminatedUnion('event', [
  z.strictObject({ event: z.literal('ready'), concurrency: z.int(), files: z.int() }),
  z.strictObject({ event: z.literal('target_started'), name: z.string(), wave: z.string() }),
  Outcome.extend({ event: z.literal('target_finished') }),
  z.strictObject({
    event: z.literal('left'),
    rolloutId: z.string(),
    reason: z.enum(['other_files', 'down']),
  }),
  z.strictObject({ event: z.literal('ending'), running: z.int() }),
  z.strictObject({ event: z.literal('warning'), message: z.string() }),
])
/** See {@link FleetWorkEventSchema}. */
export type FleetWorkEventJson = z.infer<typeof FleetWorkEventSchema>

/** `tidemark fleet history --json`. */
export const FleetHistorySchema = z.strictObject({
  /** Those of the queue, with what they came to; empty without one. */
  queue: z.array(FleetQueuedSchema),
  rollouts: z.array(
    z.strictObject({
      rolloutId: z.string(),
      direction: z.enum(['up', 'down']),
      startedAt: z.string(),
      endedAt: z.string(),
      executedBy: z.string().nullable(),
      reason: z.string().nullable(),
      migrations: Names,
      targets: Names,
      failed: z.array(z.strictObject({ name: z.string(), id: z.string(), error: z.string().nullable() })),
    }),
  ),
  failures: z.array(Failure),
})
/** See {@link FleetHistorySchema}. */
export type FleetHistoryJson = z.infer<typeof FleetHistorySchema>
