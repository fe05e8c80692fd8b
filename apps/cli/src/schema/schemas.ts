import * as z from 'zod'

/**
 * The schemas of `--json`: committed as JSON Schema in `apps/cli/schemas`, and the source of the types. Not
 * loaded when a command runs.
 */

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
    /** The page of the code in the documentation. */
    page: z.url(),
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
