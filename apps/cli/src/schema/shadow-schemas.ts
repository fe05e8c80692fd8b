import * as z from 'zod'
import { TargetSchema } from './schemas.ts'

const ShadowSchema = z.strictObject({
  engine: z.enum(['pglite', 'server']),
  /** Of PostgreSQL. */
  version: z.string(),
  /** How many migrations it has. */
  applied: z.int(),
  /** How many of them came from the cache. */
  restored: z.int(),
})

/** `tidemark baseline --from-database --json`. */
export const BaselineDraftSchema = z.strictObject({
  id: z.string(),
  /** The path; null with `--dry-run`. */
  written: z.string().nullable(),
  objects: z.int(),
  tables: z.int(),
  /** Whether an empty database has the same catalog after it. */
  proved: z.boolean(),
  /** Why that is not known. */
  why: z.string().nullable(),
  text: z.string(),
})
/** See {@link BaselineDraftSchema}. */
export type BaselineDraftJson = z.infer<typeof BaselineDraftSchema>

/** `tidemark snapshot --json`. */
export const SnapshotSchema = z.strictObject({
  out: z.string().nullable(),
  state: z.enum(['printed', 'written', 'unchanged']),
  shadow: ShadowSchema,
  sql: z.string(),
})
/** See {@link SnapshotSchema}. */
export type SnapshotJson = z.infer<typeof SnapshotSchema>

/** `tidemark shadow serve --json`: printed when it answers. */
export const ShadowServedSchema = z.strictObject({
  /** With the password. */
  url: z.string(),
  host: z.string(),
  port: z.int(),
  user: z.string(),
  password: z.string(),
  database: z.string(),
  shadow: ShadowSchema.omit({ restored: true }),
})
/** See {@link ShadowServedSchema}. */
export type ShadowServedJson = z.infer<typeof ShadowServedSchema>

const Accepted = z.strictObject({ object: z.string(), value: z.string(), reason: z.string() })

/** `tidemark drift --json`. */
export const DriftSchema = z.strictObject({
  target: TargetSchema,
  /** False: something differs, or could not be checked. */
  clean: z.boolean(),
  drift: z.array(
    z.strictObject({
      /** Kind and name: what `--accept` takes. */
      object: z.string(),
      change: z.enum(['added', 'removed', 'changed']),
      sentences: z.array(z.string()),
      /** What differs, from what the migrations make to what the database has; null: it is not there. */
      facets: z.array(
        z.strictObject({
          facet: z.string(),
          expected: z.string().nullable(),
          found: z.string().nullable(),
        }),
      ),
      /** SHA-256 of what was found. */
      value: z.string(),
      /** A query that shows the object. */
      sql: z.string().nullable(),
    }),
  ),
  /** Differences that `tidemark.drift.json` accepts. */
  accepted: z.array(Accepted),
  /** Accepted differences that are not there any more, or have another value. */
  outdated: z.array(Accepted),
  /** Objects that no migration made or changed. */
  notOurs: z.array(z.string()),
  /** Migrations that the shadow could not run: what they make is not known. */
  notChecked: z.array(z.strictObject({ id: z.string(), why: z.string() })),
  /** What the migrations were run on, and the version of the database. */
  shadow: z.strictObject({
    engine: z.enum(['pglite', 'native', 'server']),
    version: z.string(),
    targetVersion: z.string(),
  }),
})
/** See {@link DriftSchema}. */
export type DriftJson = z.infer<typeof DriftSchema>
