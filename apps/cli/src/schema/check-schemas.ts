import * as z from 'zod'

const Part = z.enum(['runs', 'order', 'closure', 'reversibility', 'statements', 'lint'])

/** A finding, in every document that has some. */
export const FindingSchema = z.strictObject({
  part: Part,
  /** What it is about, in words that stay the same from version to version, such as `missing-dependency`. */
  rule: z.string(),
  severity: z.enum(['error', 'warning', 'note']),
  id: z.string(),
  /** The other migrations that it is about. */
  others: z.array(z.string()),
  path: z.string(),
  line: z.int().positive().nullable(),
  message: z.string(),
  details: z.array(z.string()),
  /** How it is done without harm, as SQL for the objects at hand. */
  safeSql: z.string().nullable(),
  /** The page that explains the rule; null for what needs none. */
  page: z.string().nullable(),
  /** Changes to `Depends on` that settle it. */
  edits: z.array(z.strictObject({ kind: z.enum(['add', 'remove']), id: z.string(), dependsOn: z.string() })),
})

const Relation = z.strictObject({
  schema: z.string(),
  name: z.string(),
  kind: z.string(),
  /** Whether the migration made it itself. */
  new: z.boolean(),
})

const Statement = z.strictObject({
  line: z.int().positive(),
  /** On the shadow, whose tables are empty or nearly so. */
  durationMs: z.number(),
  locks: z.array(z.strictObject({ relation: Relation, mode: z.string() })),
  rewrites: z.array(Relation),
  scans: z.array(Relation),
  indexBuilds: z.array(z.strictObject({ index: Relation, table: Relation })),
  rows: z.array(z.strictObject({ table: Relation, inserted: z.int(), updated: z.int(), deleted: z.int() })),
})

const FixedFile = z.strictObject({
  id: z.string(),
  path: z.string(),
  /** The dependencies of the file that are new, and those that go. */
  add: z.array(z.string()),
  remove: z.array(z.string()),
  /** The lines of the statements that are replaced, as they were. */
  rewritten: z.array(z.int().positive()),
})

/** `tidemark check --json`. */
export const CheckSchema = z.strictObject({
  result: z.enum(['proven', 'findings', 'not_provable']),
  /** Whether nothing has changed since an earlier check, and this is its result. */
  cached: z.boolean(),
  shadow: z.strictObject({ engine: z.enum(['pglite', 'server']), version: z.string() }).nullable(),
  checked: z.array(z.string()),
  parts: z.array(Part),
  findings: z.array(FindingSchema),
  /** What could not be executed, which is never taken for right. */
  gaps: z.array(z.strictObject({ part: Part.nullable(), id: z.string(), why: z.string() })),
  order: z
    .strictObject({
      /** Pairs that no dependency orders. */
      pairs: z.int(),
      /** Those that may touch one another: executed both ways. */
      executed: z.int(),
      /** Whole orders that were executed. */
      replays: z.int(),
    })
    .nullable(),
  closure: z.strictObject({ executed: z.int() }).nullable(),
  reversibility: z
    .array(
      z.strictObject({
        id: z.string(),
        /** What the `@down` gives back of the schema and of rows. */
        verdict: z.enum([
          'exact',
          'column_order',
          'differs',
          'loses_data',
          'down_fails',
          'irreversible',
          'up_fails',
        ]),
        secondUp: z.enum(['same', 'differs', 'fails']).nullable(),
        /** What it did to generated rows; null where that was not tried. */
        rows: z
          .strictObject({
            verdict: z.enum(['kept', 'lost', 'up_fails', 'down_fails', 'none']),
            /** Tables that had rows. */
            seeded: z.array(z.string()),
            /** Tables of whose rows nothing is known. */
            unseeded: z.array(z.strictObject({ table: z.string(), why: z.string() })),
            lost: z.array(
              z.strictObject({
                table: z.string(),
                /** How many rows are gone. */
                rows: z.int(),
                of: z.int(),
                /** Columns whose values do not come back. */
                columns: z.array(z.string()),
              }),
            ),
            /** Whether it fails on any row, and not only on those that were generated. */
            failsOnAnyRow: z.boolean(),
          })
          .nullable(),
      }),
    )
    .nullable(),
  statements: z
    .array(
      z.strictObject({
        id: z.string(),
        /** Why nothing was traced; null where it was. */
        untraced: z.string().nullable(),
        statements: z.array(Statement),
      }),
    )
    .nullable(),
  /** Of `--fix`; null without it. */
  fix: z
    .strictObject({
      written: z.array(FixedFile),
      left: z.array(z.strictObject({ ...FixedFile.shape, why: z.string() })),
      /** What was not written, as `git apply` takes it. */
      patch: z.string().nullable(),
    })
    .nullable(),
})
/** See {@link CheckSchema}. */
export type CheckJson = z.infer<typeof CheckSchema>
