import * as z from 'zod'

/** What a report knows of one statement. Offsets are into the text of its section. */
const StatementSchema = z.strictObject({
  start: z.int(),
  end: z.int(),
  /** In the file, from 1. */
  line: z.int(),
  /** What its text says that it takes away, such as `DROP TABLE users`; empty: nothing. */
  destroys: z.array(z.string()),
  /** What it did on the shadow; null where it was not executed there. */
  trace: z
    .strictObject({
      /** On tables without rows. */
      durationMs: z.number(),
      locks: z.array(z.strictObject({ relation: z.string(), mode: z.string(), created: z.boolean() })),
      rewrites: z.array(z.string()),
      scans: z.array(z.string()),
      indexBuilds: z.array(z.string()),
    })
    .nullable(),
})

/** `@up`, `@down` or `@verify`. */
const SectionSchema = z.strictObject({
  /** Secrets are masked. A long text is cut. */
  text: z.string(),
  /** The line of the file that it begins at, from 1. */
  line: z.int(),
  /** How many characters were left out; 0: it is whole. */
  cut: z.int(),
  statements: z.array(StatementSchema),
})

/** Values by name, such as `type` and `default` of a column. */
const FacetsSchema = z.record(z.string(), z.string())

/** An object of the schema, such as `table public.users`. */
const ObjectSchema = z.strictObject({ kind: z.string(), id: z.string(), facets: FacetsSchema })

/** What one migration does to one object. */
const ChangeSchema = z.discriminatedUnion('change', [
  z.strictObject({
    change: z.enum(['added', 'removed']),
    object: ObjectSchema,
    /** What comes or goes with it, such as the columns of a table. */
    parts: z.array(ObjectSchema),
  }),
  z.strictObject({
    change: z.literal('changed'),
    kind: z.string(),
    id: z.string(),
    /** Null: it is not there. */
    facets: z.array(
      z.strictObject({ facet: z.string(), before: z.string().nullable(), after: z.string().nullable() }),
    ),
  }),
])

/** What was found about a migration: by reading it, by a check, or in comparison with the database. */
const FindingSchema = z.strictObject({
  /** Such as `TM4001`, or the rule of a check. */
  code: z.string(),
  severity: z.enum(['error', 'warning', 'note']),
  message: z.string(),
  help: z.string().nullable(),
})

/** Where a migration stands in the database. */
export const REPORT_STATES = [
  'applied',
  'pending',
  'failed',
  'running',
  'half_rolled_back',
  'changed',
  'orphaned',
  'elsewhere',
] as const

const MigrationSchema = z.strictObject({
  id: z.string(),
  /** Null of one that only the database knows. */
  path: z.string().nullable(),
  description: z.string(),
  type: z.string(),
  tags: z.array(z.string()),
  dependsOn: z.array(z.string()),
  /** Empty: all. */
  environments: z.array(z.string()),
  transaction: z.enum(['required', 'none']),
  run: z.enum(['once', 'on_change']),
  blocking: z.boolean(),
  reversible: z.boolean(),
  /** Null where no database was read. */
  state: z.enum(REPORT_STATES).nullable(),
  appliedAt: z.iso.datetime().nullable(),
  durationMs: z.number().nullable(),
  up: SectionSchema.nullable(),
  down: SectionSchema.nullable(),
  verify: SectionSchema.nullable(),
  findings: z.array(FindingSchema),
  /** What it makes of the schema; null where no shadow executed it. */
  changes: z.array(ChangeSchema).nullable(),
  /** Why no shadow executed it, or what it failed with there. */
  notExecuted: z.string().nullable(),
  /** What its `@down` gives back, by a check: `exact`, `differs` and the like. */
  reversibility: z.string().nullable(),
})

const AttemptSchema = z.strictObject({
  migrationId: z.string(),
  runId: z.string().nullable(),
  at: z.iso.datetime(),
  direction: z.enum(['up', 'down', 'mark', 'baseline', 'repair']),
  status: z.string(),
  durationMs: z.number().nullable(),
  /** The message alone: neither DETAIL nor a row. */
  error: z.string().nullable(),
  /** Null without `--include-details`. */
  by: z.string().nullable(),
})

const TargetSchema = z.strictObject({
  host: z.string(),
  port: z.int().nullable(),
  database: z.string(),
  /** Of the tracking tables. */
  schema: z.string(),
  /** Null without `--include-details`. */
  user: z.string().nullable(),
})

/** What a statement of the plan does to what is in the database now. */
const RehearsedStatementSchema = z.strictObject({
  /** In the file, from 1. */
  line: z.int(),
  locks: z.array(z.strictObject({ relation: z.string(), mode: z.string() })),
  /** Such as `rewrites public.orders (84 GB, 210 M rows, 6 indexes)`. */
  work: z.array(z.string()),
  blocks: z.enum(['nobody', 'writers', 'everybody']),
  /** Null: not known. */
  durationMs: z.strictObject({ low: z.number(), high: z.number() }).nullable(),
})

/** What the pending migrations will do to the database, by executing them on a copy of its schema. */
const RehearsalSchema = z.strictObject({
  /** Versions of PostgreSQL: of the copy, and of the database. */
  shadowVersion: z.string(),
  targetVersion: z.string(),
  migrations: z.array(
    z.strictObject({
      id: z.string(),
      outcome: z.enum(['ran', 'failed', 'not_run']),
      statements: z.array(RehearsedStatementSchema),
    }),
  ),
  findings: z.array(
    z.strictObject({
      ...FindingSchema.pick({ code: true, severity: true, message: true }).shape,
      /** Null for what is about the whole. */
      id: z.string().nullable(),
      details: z.array(z.string()),
    }),
  ),
  /** What could not be rehearsed. */
  gaps: z.array(z.string()),
})

/** A lock that another session of the database holds now. */
const HeldLockSchema = z.strictObject({
  relation: z.string(),
  mode: z.string(),
  /** Who holds it, such as `pid 4711 (psql, idle in transaction, for 3 min)`. */
  session: z.string(),
})

/** How one database or schema of a fleet is. */
const FleetTargetSchema = z.strictObject({
  name: z.string(),
  /** `ahead`: it has applied what the files do not have. */
  state: z.enum(['current', 'pending', 'ahead', 'changed', 'unreachable']),
  /** The last migration that it has applied, in the order of the files. */
  version: z.string().nullable(),
  pending: z.int(),
  /** What refuses a run, or failed. */
  problems: z.array(z.string()),
})

/** Everything that a report shows: what `tidemark report --json` prints. */
export const ReportDocumentSchema = z.strictObject({
  formatVersion: z.literal(1),
  generatedAt: z.iso.datetime(),
  /** The version of Tidemark. */
  toolVersion: z.string(),
  project: z.string(),
  /** Null where no database was read. */
  target: TargetSchema.nullable(),
  /** Null where nothing was executed on a shadow. */
  shadow: z.strictObject({ engine: z.enum(['pglite', 'server']), version: z.string() }).nullable(),
  /** In plan order; last those that only the database knows. */
  migrations: z.array(MigrationSchema),
  /** What nothing depends on. */
  heads: z.array(z.string()),
  /** Newest first. */
  attempts: z.array(AttemptSchema),
  /** What differs between the database and what its migrations make; null where that was not looked at. */
  drift: z.array(z.string()).nullable(),
  /** Null where nothing was rehearsed. */
  rehearsal: RehearsalSchema.nullable(),
  /** The strongest first; null where that was not looked at. */
  locks: z.array(HeldLockSchema).nullable(),
  /** Null where no fleet was read. */
  fleet: z.array(FleetTargetSchema).nullable(),
  /** The largest tables of the database, by estimate. */
  tables: z.array(z.strictObject({ name: z.string(), rows: z.number(), bytes: z.number() })),
  /** Who holds the run lock now. */
  runner: z
    .strictObject({ pid: z.int(), since: z.iso.datetime().nullable(), statement: z.string().nullable() })
    .nullable(),
})

/** See {@link ReportDocumentSchema}. */
export type ReportDocument = z.infer<typeof ReportDocumentSchema>
/** A migration of a report. */
export type ReportMigration = ReportDocument['migrations'][number]
/** What a migration does to one object. */
export type ReportChange = NonNullable<ReportMigration['changes']>[number]
/** A section of a migration. */
export type ReportSection = NonNullable<ReportMigration['up']>
/** An attempt of a report. */
export type ReportAttempt = ReportDocument['attempts'][number]
/** A target of a fleet. */
export type ReportFleetTarget = NonNullable<ReportDocument['fleet']>[number]
/** What a report says of a rehearsal. */
export type ReportRehearsal = NonNullable<ReportDocument['rehearsal']>
/** See {@link REPORT_STATES}. */
export type ReportState = (typeof REPORT_STATES)[number]
