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

const MigrationType = z.enum([
  'create_table',
  'alter_table',
  'drop_table',
  'create_index',
  'drop_index',
  'insert_data',
  'update_data',
  'delete_data',
  'custom_sql',
])

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
/** See {@link WrittenSchema}. */
export type WrittenJson = z.infer<typeof WrittenSchema>
