import {
  HOOK_NEEDS,
  type HookCommand,
  type HookFunction,
  type HookName,
  isHook,
  parseDuration,
  parseSearchPath,
} from '@tidemark/core'
import { LINT_RULE_IDS, LINT_SEVERITIES } from '@tidemark/lint'
import * as z from 'zod'

const DurationSchema = z
  .union([z.string(), z.literal(0)])
  .refine((value) => parseDuration(String(value)) !== undefined, {
    error: 'must be a number with a unit, such as "500ms", "5s" or "10min", or 0',
  })
const text = z.string({ error: 'must be a string' }).min(1, { error: 'must not be empty' })
const flag = z.boolean({ error: 'must be true or false' })
const count = z.int({ error: 'must be a whole number' }).min(0, { error: 'must not be negative' })

/** A schema takes whatever is an object, also a Map or a Date, in which it finds no key that is wrong. */
const objectOfSettings = z.custom<object>(isObjectOfSettings, { error: 'must be an object of settings' })

const ruleId = z.enum(LINT_RULE_IDS, { error: 'must be the name of a rule' })
const ruleSetting = z
  .enum([...LINT_SEVERITIES, 'off'], { error: 'must be "error", "warning", "note" or "off"' })
  .optional()

/** A function, or a command; JSON has only the command. */
const hook = <Name extends HookName>(_: Name) =>
  z
    .custom<HookFunction<Name> | HookCommand>(isHook, { error: HOOK_NEEDS })
    .meta({ type: 'array', minItems: 1, items: { type: 'string' } })
    .optional()

const SEARCH_PATH_NEEDS =
  'must be a list of schemas, such as ["tenant_a", "public"], or a text such as "tenant_a,public"'

function explainSearchPath(given: unknown): string {
  const read = parseSearchPath(given)
  return read.ok ? SEARCH_PATH_NEEDS : read.error
}

const TARGETS =
  'must be a list of targets, a function that gives one, { "query": …, "database": … } or { "file": … }'

/** A list is checked target by target, when it is used. */
const FleetSchema = objectOfSettings.pipe(
  z.strictObject({
    targets: z.union(
      [
        z.array(z.looseObject({})),
        z.strictObject({ query: text, database: text }),
        z.strictObject({ file: text }),
        z.custom<() => unknown>((value) => typeof value === 'function').meta({ not: {} }),
      ],
      { error: TARGETS },
    ),
    hosts: z.array(text, { error: 'must be a list of hosts' }).optional(),
    waves: z.array(text, { error: 'must be a list of waves' }).optional(),
    concurrency: count.min(1, { error: 'must be 1 or more' }).optional(),
    perServer: count.min(1, { error: 'must be 1 or more' }).optional(),
    maxFailures: z
      .union([count, text], { error: 'must be a number or a percentage, such as "2%"' })
      .optional(),
    pause: DurationSchema.optional(),
    queue: text.optional(),
  }),
)

/** The settings that an environment may change as well as the file itself. */
const SETTINGS = {
  database: text,
  directUrl: text,
  migrations: text,
  schema: text.regex(/^[^\0]{1,63}$/u, { error: 'must be the name of a schema: 1 to 63 characters' }),
  searchPath: z
    .union([z.string(), z.array(z.string())], { error: SEARCH_PATH_NEEDS })
    .refine((value) => parseSearchPath(value).ok, { error: ({ input }) => explainSearchPath(input) }),
  createSchema: flag,
  lockTimeout: DurationSchema,
  lockRetries: count,
  lockWait: DurationSchema,
  statementTimeout: DurationSchema,
  batchTime: DurationSchema,
  maxLag: DurationSchema,
  connectTimeout: DurationSchema,
  readers: z.array(text, { error: 'must be a list of role names' }),
  rowSecurity: z.enum(['auto', 'always', 'never'], { error: 'must be "auto", "always" or "never"' }),
  trackDrift: flag,
  drift: objectOfSettings
    .pipe(
      z.strictObject({
        includeSchemas: z.array(text, { error: 'must be a list of schemas' }).optional(),
        excludeSchemas: z.array(text, { error: 'must be a list of schemas' }).optional(),
        excludeObjects: z.array(text, { error: 'must be a list of objects' }).optional(),
        owners: z.enum(['ignored', 'compared'], { error: 'must be "ignored" or "compared"' }).optional(),
      }),
    )
    .describe('What is looked at for drift'),
  lint: objectOfSettings
    .pipe(z.strictObject({ rules: objectOfSettings.pipe(z.partialRecord(ruleId, ruleSetting)).optional() }))
    .describe('Weights of the rules of `tidemark check`'),
  protected: flag,
  development: flag,
  commits: z.enum(['each', 'grouped'], { error: 'must be "each" or "grouped"' }),
  backup: z.enum(['never', 'destructive'], { error: 'must be "never" or "destructive"' }),
  exposedSchemas: z.array(text, { error: 'must be a list of schemas' }),
  embedded: objectOfSettings
    .pipe(
      z.strictObject({
        profile: z.enum(['plain', 'supabase'], { error: 'must be "plain" or "supabase"' }).optional(),
      }),
    )
    .describe('Options of the embedded database'),
  snapshot: text,
  shadow: text.regex(/^(?:pglite$|postgres(?:ql)?:\/\/)/i, {
    error: 'must be "pglite" or the URL of a server, postgres://…',
  }),
  shadowDisposable: flag,
  variables: objectOfSettings
    .pipe(z.record(z.string(), z.string({ error: 'must be a string' }).optional()))
    .describe('Values of the variables that files declare, by name'),
  hooks: objectOfSettings
    .pipe(
      z.strictObject({
        beforeUp: hook('beforeUp'),
        afterEach: hook('afterEach'),
        afterUp: hook('afterUp'),
        onError: hook('onError'),
      }),
    )
    .describe('What is done before and after `up`'),
  hookTimeout: DurationSchema,
  fleet: FleetSchema.describe('The databases and schemas that `tidemark fleet` migrates'),
  logFile: text,
  logLevel: z.enum(['debug', 'info', 'warn', 'error', 'silent'], {
    error: 'must be "debug", "info", "warn", "error" or "silent"',
  }),
  envFile: z.union([text, z.literal(false)], { error: 'must be the path of a file, or false' }),
} as const

/** One environment of a configuration file: everything but further environments. */
export const EnvironmentSchema = z.strictObject(SETTINGS).partial()

/** A configuration file, `tidemark.config.{ts,mjs,js,cjs,json}`. Every key may be left out. */
export const ConfigSchema = z
  .strictObject({
    ...SETTINGS,
    environments: z.record(z.string(), objectOfSettings.pipe(EnvironmentSchema), {
      error: 'must be an object with the name of each environment as a key',
    }),
  })
  .partial()
  .extend({ $schema: z.string().optional() })

/** See {@link ConfigSchema}. */
export type Config = z.infer<typeof ConfigSchema>

/** See {@link EnvironmentSchema}. */
export type EnvironmentConfig = z.infer<typeof EnvironmentSchema>

/** What `tidemark fleet` migrates, and how. */
export type FleetConfig = z.infer<typeof FleetSchema>

/** The keys of `drift`. */
export const DRIFT_KEYS: readonly string[] = ['includeSchemas', 'excludeSchemas', 'excludeObjects', 'owners']

/** The names of the keys of `fleet`. */
export const FLEET_KEYS: readonly string[] = [
  'targets',
  'hosts',
  'waves',
  'concurrency',
  'perServer',
  'maxFailures',
  'pause',
  'queue',
]

/** The names of all keys at the top of a configuration file. */
export const CONFIG_KEYS: readonly string[] = Object.keys(ConfigSchema.shape)

/** The names of the keys that flags, variables and environments can set. */
export type SettingKey = keyof typeof SETTINGS

/** The schema of one key. */
export function schemaOfKey(key: SettingKey): z.ZodType {
  return SETTINGS[key]
}

/** Tells whether a value can hold settings: an object, and not one with a purpose of its own. */
export function isObjectOfSettings(value: unknown): boolean {
  return Object.prototype.toString.call(value) === '[object Object]'
}
