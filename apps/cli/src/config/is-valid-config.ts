import { HOOK_NAMES, isHook, parseDuration, parseSearchPath } from '@tidemark/core'
import { isLintRuleId } from '@tidemark/lint'
import type { Config, EnvironmentConfig, SettingKey } from './config-schema.ts'

// The same rules as those of config-schema.ts, for settings that are correct, as nearly all are: this saves
// 15 ms of each start (decision 0015). The schemas say what is wrong with the others.

type Check = (value: unknown) => boolean

const isText: Check = (value) => typeof value === 'string' && value !== ''
// Spread: `every` passes over what a list leaves out.
const isListOfTexts: Check = (value) => Array.isArray(value) && [...value].every(isText)
const isFlag: Check = (value) => typeof value === 'boolean'
const isDuration: Check = (value) =>
  value === 0 || (typeof value === 'string' && parseDuration(value) !== undefined)
const isOneOf =
  (...choices: readonly unknown[]): Check =>
  (value) =>
    choices.includes(value)

const CHECKS: Readonly<Record<SettingKey, Check>> = {
  database: isText,
  directUrl: isText,
  migrations: isText,
  schema: (value) => typeof value === 'string' && /^[^\0]{1,63}$/u.test(value),
  searchPath: (value) => parseSearchPath(value).ok,
  createSchema: isFlag,
  lockTimeout: isDuration,
  lockRetries: (value) => typeof value === 'number' && Number.isSafeInteger(value) && value >= 0,
  lockWait: isDuration,
  statementTimeout: isDuration,
  batchTime: isDuration,
  maxLag: isDuration,
  connectTimeout: isDuration,
  readers: isListOfTexts,
  rowSecurity: isOneOf('auto', 'always', 'never'),
  trackDrift: isFlag,
  drift: (value) =>
    isPlainObject(value) &&
    Object.entries(value).every(([key, setting]) =>
      key === 'owners'
        ? isOneOf(undefined, 'ignored', 'compared')(setting)
        : ['includeSchemas', 'excludeSchemas', 'excludeObjects'].includes(key) &&
          (setting === undefined || isListOfTexts(setting)),
    ),
  lint: (value) =>
    isPlainObject(value) &&
    Object.entries(value).every(([key, rules]) => key === 'rules' && (rules === undefined || isRules(rules))),
  protected: isFlag,
  development: isFlag,
  commits: isOneOf('each', 'grouped'),
  backup: isOneOf('never', 'destructive'),
  exposedSchemas: isListOfTexts,
  embedded: (value) =>
    isPlainObject(value) &&
    Object.entries(value).every(
      ([key, profile]) => key === 'profile' && isOneOf(undefined, 'plain', 'supabase')(profile),
    ),
  snapshot: isText,
  shadow: (value) => typeof value === 'string' && /^(?:pglite$|postgres(?:ql)?:\/\/)/i.test(value),
  shadowDisposable: isFlag,
  variables: (value) =>
    isPlainObject(value) &&
    Object.values(value).every((text) => text === undefined || typeof text === 'string'),
  hooks: (value) =>
    isPlainObject(value) &&
    Object.entries(value).every(
      ([name, hook]) => HOOK_NAMES.some((known) => known === name) && (hook === undefined || isHook(hook)),
    ),
  hookTimeout: isDuration,
  // Only commands for a fleet have one, and take the time to let the schema look at it.
  fleet: () => false,
  logFile: isText,
  logLevel: isOneOf('debug', 'info', 'warn', 'error', 'silent'),
  envFile: (value) => value === false || isText(value),
}

/** Tells whether `ConfigSchema` takes a value as it is. When it says no, the schema may still say yes. */
export function isValidConfig(value: unknown): value is Config {
  if (!isPlainObject(value)) return false
  const { $schema, environments, ...settings } = value
  return (
    isValidEnvironment(settings) &&
    ($schema === undefined || typeof $schema === 'string') &&
    (environments === undefined ||
      (isPlainObject(environments) && Object.values(environments).every(isValidEnvironment)))
  )
}

/** Like {@link isValidConfig}, of one environment. */
export function isValidEnvironment(value: unknown): value is EnvironmentConfig {
  return (
    isPlainObject(value) &&
    Object.entries(value).every(
      ([key, setting]) => isSettingKey(key) && (setting === undefined || isValidSetting(key, setting)),
    )
  )
}

/** Like {@link isValidConfig}, of one setting. */
export function isValidSetting(key: SettingKey, value: unknown): boolean {
  return CHECKS[key](value)
}

/** Tells whether a key is that of a setting. */
export function isSettingKey(key: string): key is SettingKey {
  return Object.hasOwn(CHECKS, key)
}

/** What literals and JSON give, and nothing that says more of itself. */
function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

function isRules(value: unknown): boolean {
  return (
    isPlainObject(value) &&
    Object.entries(value).every(
      ([rule, weight]) => isLintRuleId(rule) && isOneOf(undefined, 'error', 'warning', 'note', 'off')(weight),
    )
  )
}
