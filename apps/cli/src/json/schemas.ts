import { MIGRATION_TYPES } from '@tidemark/core'
import * as z from 'zod'

/** The schemas of `--json`: committed as JSON Schema in `apps/cli/schemas`, and the source of the types. Not loaded when a command runs. */

const Severity = z.enum(['error', 'warning', 'note'])

const Diagnostic = z.strictObject({
  code: z.string().regex(/^TM\d{4}$/),
  severity: Severity,
  message: z.string(),
  help: z.string().nullable(),
  path: z.string().nullable(),
  line: z.int().positive().nullable(),
  column: z.int().positive().nullable(),
  /** Lines that belong below it, such as the difference of two texts. */
  detail: z.string().exactOptional(),
})

const Target = z.strictObject({
  host: z.string(),
  port: z.int().nullable(),
  database: z.string(),
  user: z.string(),
  schema: z.string(),
})

/** The document that every command writes when it fails. */
export const ErrorSchema = z.strictObject({
  error: z.strictObject({
    code: z.string().regex(/^TM\d{4}$/),
    message: z.string(),
    help: z.string().nullable(),
    location: z
      .strictObject({ path: z.string(), line: z.int().positive(), column: z.int().positive() })
      .nullable(),
    details: z.record(z.string(), z.unknown()),
  }),
})

const Heads = z.array(z.string())

/** `tidemark validate --json`. */
export const ValidateSchema = z.strictObject({
  valid: z.literal(true),
  migrations: z.int(),
  heads: Heads,
  diagnostics: z.array(Diagnostic),
})

export { Diagnostic as DiagnosticSchema, Target as TargetSchema }

/** See {@link ErrorSchema}. */
export type ErrorJson = z.infer<typeof ErrorSchema>
/** One problem as JSON. */
export type DiagnosticJson = z.infer<typeof Diagnostic>
/** See {@link ValidateSchema}. */
export type ValidateJson = z.infer<typeof ValidateSchema>
/** Which database, without credentials. */
export type TargetJson = z.infer<typeof Target>

const MigrationType = z.enum(MIGRATION_TYPES)

/** `tidemark graph --json`, and `--format json`. */
export const GraphSchema = z.strictObject({
  nodes: z.array(
    z.strictObject({
      id: z.string(),
      path: z.string(),
      description: z.string(),
      type: MigrationType,
      dependsOn: z.array(z.string()),
      dependents: z.array(z.string()),
    }),
  ),
  roots: z.array(z.string()),
  heads: z.array(z.string()),
})
/** See {@link GraphSchema}. */
export type GraphJson = z.infer<typeof GraphSchema>

const Section = z.strictObject({ sql: z.string(), statements: z.array(z.string()) })

/** `tidemark show --json`. */
export const ShowSchema = z.strictObject({
  id: z.string(),
  path: z.string(),
  checksum: z.string(),
  header: z.strictObject({
    description: z.string(),
    type: MigrationType,
    dependsOn: z.array(z.string()),
    transaction: z.enum(['required', 'none']),
    run: z.enum(['once', 'on_change']),
    lockTimeoutMs: z.int().nullable(),
    statementTimeoutMs: z.int().nullable(),
    role: z.string().nullable(),
    blocking: z.boolean(),
    replaces: z.array(z.string()),
    tags: z.array(z.string()),
  }),
  reversible: z.boolean(),
  dependents: z.array(z.string()),
  up: Section,
  down: Section.nullable(),
  verify: Section.nullable(),
})
/** See {@link ShowSchema}. */
export type ShowJson = z.infer<typeof ShowSchema>

/** `tidemark new --json` and `tidemark init --json`. */
export const WrittenSchema = z.strictObject({ written: z.array(z.string()), id: z.string().nullable() })

const Remark = z.strictObject({
  kind: z.enum(['no_transaction', 'destructive', 'strong_lock', 'no_row_security']),
  words: z.string(),
  line: z.int().positive().nullable(),
})

/** `tidemark plan --json`, `up --dry-run --json`, `migrate --dry-run --json`, and the plan of `down`. */
export const PlanSchema = z.strictObject({
  target: Target,
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
      remarks: z.array(Remark),
    }),
  ),
  leftOut: z.array(z.string()),
  findings: z.array(Diagnostic),
})
/** See {@link PlanSchema}. */
export type PlanJson = z.infer<typeof PlanSchema>

/** `tidemark up --json`, `down --json`, `migrate --execute --json`. */
export const RunSchema = z.strictObject({
  target: Target,
  direction: z.enum(['up', 'down']),
  outcome: z.enum(['done', 'nothing_to_do', 'dry_run', 'left_to_others']),
  runId: z.string(),
  done: z.array(z.strictObject({ id: z.string(), action: z.string(), durationMs: z.int() })),
  leftOut: z.array(z.string()),
  findings: z.array(Diagnostic),
  durationMs: z.int(),
})
/** See {@link RunSchema}. */
export type RunJson = z.infer<typeof RunSchema>

/** `tidemark status --json`. */
export const StatusSchema = z.strictObject({
  target: Target,
  migrations: z.array(
    z.strictObject({
      id: z.string(),
      state: z.enum(['pending', 'failed', 'running', 'applied', 'changed', 'older', 'orphaned']),
      path: z.string().nullable(),
      appliedAt: z.iso.datetime().nullable(),
      executionTimeMs: z.int().nullable(),
      error: z.string().nullable(),
      blocking: z.boolean(),
    }),
  ),
  /** The runner that holds the run lock at this moment, with the last statement it sent; null when there is none. */
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
  }),
  findings: z.array(Diagnostic),
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
  target: Target,
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
      backup: z.strictObject({ path: z.string(), tables: z.array(z.string()) }).nullable(),
    }),
  ),
})
/** See {@link HistorySchema}. */
export type HistoryJson = z.infer<typeof HistorySchema>

/** `tidemark completion --json`. */
export const CompletionSchema = z.strictObject({ shell: z.string(), script: z.string() })

/** `tidemark import --json`. */
export const ImportSchema = z.strictObject({
  format: z.string(),
  source: z.string(),
  out: z.string(),
  dryRun: z.boolean(),
  migrations: z.array(
    z.strictObject({
      id: z.string(),
      path: z.string(),
      from: z.array(z.string()),
      /** `kept`: there is a file of this name with other content. */
      state: z.enum(['written', 'unchanged', 'kept']),
      transaction: z.enum(['required', 'none']),
      run: z.enum(['once', 'on_change']),
      reversible: z.boolean(),
      /** What the other tool's table says; null without `--adopt`. */
      applied: z.boolean().nullable(),
    }),
  ),
  adoption: z
    .strictObject({
      target: Target,
      table: z.string(),
      /** The schema of the tracking tables. */
      schema: z.string(),
      /** The configuration file that was changed to name that schema, because the table has the name of a tracking table; else null. */
      configuration: z.string().nullable(),
      /** Recorded as applied by this import; with `--dry-run`, what would be. */
      recorded: z.array(z.string()),
      /** Versions that the table has and no file. */
      unknown: z.array(z.string()),
    })
    .nullable(),
  findings: z.array(Diagnostic),
})
/** See {@link ImportSchema}. */
export type ImportJson = z.infer<typeof ImportSchema>

/** `tidemark doctor --json`. */
export const DoctorSchema = z.strictObject({
  /** False when one of the checks is a problem. */
  healthy: z.boolean(),
  /** Null when no database is named. */
  target: Target.nullable(),
  checks: z.array(
    z.strictObject({
      area: z.enum([
        'configuration',
        'files',
        'connection',
        'encryption',
        'server',
        'pooler',
        'lock',
        'role',
        'tables',
        'exposure',
        'readers',
      ]),
      state: z.enum(['ok', 'note', 'warning', 'problem']),
      message: z.string(),
      help: z.string().nullable(),
      code: z
        .string()
        .regex(/^TM\d{4}$/)
        .nullable(),
    }),
  ),
  settings: z.array(z.strictObject({ key: z.string(), value: z.string(), source: z.string() })),
})
/** See {@link DoctorSchema}. */
export type DoctorJson = z.infer<typeof DoctorSchema>
