import * as z from 'zod'
import { DiagnosticSchema, TargetSchema } from './schemas.ts'

/** `tidemark completion --json`. */
export const CompletionSchema = z.strictObject({ shell: z.string(), script: z.string() })

/** `tidemark studio --json`: printed when it answers. */
export const StudioSchema = z.strictObject({ url: z.string() })

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
      target: TargetSchema,
      table: z.string(),
      /** The schema of the tracking tables. */
      schema: z.string(),
      /**
       * The configuration file that was changed to name that schema, because the table has the name of a
       * tracking table; else null.
       */
      configuration: z.string().nullable(),
      /** Recorded as applied by this import; with `--dry-run`, what would be. */
      recorded: z.array(z.string()),
      /** Versions that the table has and no file. */
      unknown: z.array(z.string()),
    })
    .nullable(),
  /** Of `--check`: whether originals and imported files make the same schema; else null. */
  check: z
    .strictObject({
      engine: z.enum(['pglite', 'server']),
      serverVersion: z.string(),
      equal: z.boolean(),
      differences: z.array(z.string()),
      /** Why the originals could not be executed. */
      notChecked: z.string().nullable(),
    })
    .nullable(),
  findings: z.array(DiagnosticSchema),
})
/** See {@link ImportSchema}. */
export type ImportJson = z.infer<typeof ImportSchema>

/** `tidemark doctor --json`. */
export const DoctorSchema = z.strictObject({
  /** False when one of the checks is a problem. */
  healthy: z.boolean(),
  /** Null when no database is named. */
  target: TargetSchema.nullable(),
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
        'drift',
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
