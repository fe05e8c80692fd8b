import * as z from 'zod'
import {
  DownVerdictSchema,
  MigrationIdSchema,
  MigrationStatusSchema,
} from '../../migration/model/migration-schemas.ts'

const IdsSchema = z.array(MigrationIdSchema).readonly()

const BEYOND_BASELINE = { beyondBaseline: z.union([IdsSchema, z.literal('any')]).exactOptional() }

const RollbackRequestSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('steps'), count: z.int().positive() }),
  z.strictObject({ kind: z.literal('to'), id: MigrationIdSchema }),
  z.strictObject({
    kind: z.literal('target'),
    id: MigrationIdSchema,
    dependents: z.enum(['refuse', 'cascade']),
  }),
  z.strictObject({ kind: z.literal('targets'), ids: IdsSchema }),
  z.strictObject({ kind: z.literal('run'), runId: z.string() }),
  z.strictObject({ kind: z.literal('all') }),
])

const PlanRequestSchema = z.discriminatedUnion('action', [
  z.strictObject({
    action: z.literal('apply'),
    target: MigrationIdSchema.exactOptional(),
    steps: z.int().positive().exactOptional(),
    tags: z.array(z.string()).readonly().exactOptional(),
    blocking: z.literal(true).exactOptional(),
    rerun: IdsSchema.exactOptional(),
  }),
  z.strictObject({
    action: z.literal('roll_back'),
    rollback: RollbackRequestSchema,
    source: z.enum(['stored', 'files']),
    ...BEYOND_BASELINE,
  }),
  z.strictObject({ action: z.literal('baseline'), through: IdsSchema }),
  z.strictObject({
    action: z.literal('mark'),
    ids: IdsSchema,
    as: z.enum(['completed', 'pending', 'rolled_back']),
  }),
  z.strictObject({ action: z.literal('repair'), ids: IdsSchema, adopt: z.boolean() }),
  z.strictObject({ action: z.literal('redo'), rollback: RollbackRequestSchema, ...BEYOND_BASELINE }),
  z.strictObject({ action: z.literal('reset'), ...BEYOND_BASELINE }),
  z.strictObject({ action: z.literal('switch'), ...BEYOND_BASELINE }),
])

const NamesSchema = z.array(z.string()).readonly()

const PlanTargetSchema = z.strictObject({
  host: z.string(),
  port: z.int().nullable(),
  database: z.string(),
  user: z.string(),
  schema: z.string(),
  systemIdentifier: z.string().nullable(),
  /** Absent where neither a setting nor the URL asked for one. */
  searchPath: NamesSchema.exactOptional(),
})

/**
 * What a plan carries of its rehearsal: what was seen, and the schema of the target that it was seen for. The plan
 * may be executed only where the schema is still that one.
 */
const SavedRehearsalSchema = z.strictObject({
  /** Over all other parts, see `digestRehearsal`. */
  digest: z.string().regex(/^[0-9a-f]{64}$/),
  /** The fingerprint of the target's catalog, who read it, and in which scope. */
  catalog: z.strictObject({
    fingerprint: z.string(),
    role: z.string(),
    reading: z.string(),
    recordedAt: z.iso.datetime(),
    scope: z.strictObject({
      includeSchemas: NamesSchema.exactOptional(),
      excludeSchemas: NamesSchema.exactOptional(),
      excludeObjects: NamesSchema.exactOptional(),
    }),
  }),
  /**
   * By id how long the work of a migration takes on a server of speed 1, in milliseconds. It is recorded with the
   * attempt, so that the next rehearsal knows how fast this server is.
   */
  baseMs: z.record(MigrationIdSchema, z.number()).readonly(),
  /** What was seen, for those who execute the plan. */
  report: z.json(),
})

/**
 * A plan as it is kept in a file: enough to compare it with a fresh one and to say what has moved. It holds
 * no SQL and no secret: what runs are the files, and only if they are those that the plan was made from.
 */
export const SavedPlanSchema = z.strictObject({
  formatVersion: z.literal(1),
  digest: z.string().regex(/^[0-9a-f]{64}$/),
  target: PlanTargetSchema,
  request: PlanRequestSchema,
  steps: z
    .array(z.strictObject({ action: z.string(), id: MigrationIdSchema, checksum: z.string() }).readonly())
    .readonly(),
  rows: z
    .array(
      z
        .strictObject({
          id: MigrationIdSchema,
          status: MigrationStatusSchema,
          checksum: z.string(),
          statementsDone: z.int().nullable(),
        })
        .readonly(),
    )
    .readonly(),
  /** Over the values of variables that are not secret. */
  valuesDigest: z.string().exactOptional(),
  rehearsal: SavedRehearsalSchema.exactOptional(),
  /** What a check showed of each `@down`, stored with the migration when it is applied. */
  downVerdicts: z
    .strictObject({
      /** See `digestDownVerdicts`. */
      digest: z.string(),
      migrations: z.record(MigrationIdSchema, DownVerdictSchema),
    })
    .readonly()
    .exactOptional(),
})
