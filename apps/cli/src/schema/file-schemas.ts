import { MIGRATION_TYPES } from '@tidemark/core'
import * as z from 'zod'

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
    /** The table that is walked in batches; absent: none. */
    batches: z
      .strictObject({
        table: z.string(),
        column: z.string(),
        size: z.int().nullable(),
        pauseMs: z.int().nullable(),
      })
      .exactOptional(),
    /** The environments that the file is for; absent: all. */
    environments: z.array(z.string()).exactOptional(),
    variables: z.array(z.strictObject({ name: z.string(), secret: z.boolean() })).exactOptional(),
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
