import { isSettingKey, isValidSetting } from './is-valid-config.ts'
import type { Variables } from './read-env-file.ts'

/** A configuration with its variables replaced. */
export interface ExpandedConfig {
  readonly value: unknown
  /** The variable that is not set, by the key whose value names it: `environments.production.database`. */
  readonly unset: ReadonlyMap<string, string>
  /** The beginning of what looks like a variable and is in no form of one, by the key. */
  readonly malformed: ReadonlyMap<string, string>
  /** The variable that is set and empty, by the key of a database URL that names it without a default. */
  readonly empty: ReadonlyMap<string, string>
}

/** Settings that say which database is meant. */
const URLS: ReadonlySet<string> = new Set(['database', 'directUrl', 'shadow'])

const NAME = '[A-Za-z_]\\w*'
const nested = (preset: string) => `(?:\\$\\{${NAME}(?::-${preset})?\\}|[^}])*`
/** `${NAME}`, `${NAME:-default}`, whose default may have variables in it, or `$${` for `${` itself. */
const REFERENCE = new RegExp(`\\$\\$\\{|\\$\\{(${NAME})(?::-(${nested(nested('[^}]*'))}))?\\}`, 'g')

/**
 * Replaces `${NAME}` and `${NAME:-default}` in the texts of a JSON configuration. The default counts where
 * the variable is not set or is empty, as in a shell. The value of a setting that names an unset variable
 * becomes undefined: whether that matters depends on what is used. A text may also give a number, `true` or
 * `false`, where the setting takes one.
 *
 * @example expandConfig({ schema: '${APP:-shop}' }, {}).value // { schema: 'shop' }
 */
export function expandConfig(config: unknown, variables: Variables): ExpandedConfig {
  const unset = new Map<string, string>()
  const malformed = new Map<string, string>()
  const empty = new Map<string, string>()
  const note = (value: unknown, path: string): string | undefined => {
    const wrong = findIn(value, findMalformed)
    if (wrong !== undefined) malformed.set(path, wrong)
    const missing = findUnset(value, variables)
    if (missing !== undefined) unset.set(path, missing)
    return missing
  }
  /** Each by itself: a value that is not set matters to the files that need it. */
  const expandEach = (values: unknown, path: string): unknown =>
    mapValues(values, (value, key) => {
      return note(value, path + key) === undefined ? expandDeep(value, variables) : undefined
    })
  const expandSettings = (settings: unknown, path: string): unknown =>
    mapValues(settings, (value, key) => {
      if (path === '' && key === '$schema') return value
      if (path === '' && key === 'environments')
        return mapValues(value, (environment, name) => expandSettings(environment, `environments.${name}.`))
      if (key === 'variables') return expandEach(value, `${path}variables.`)
      if (note(value, path + key) !== undefined) return undefined
      const without = URLS.has(key) ? findIn(value, (text) => findEmpty(text, variables)) : undefined
      if (without !== undefined) {
        empty.set(path + key, without)
        return undefined
      }
      const expanded = expandDeep(value, variables)
      return expanded === value ? value : toSetting(key, expanded)
    })
  return { value: expandSettings(config, ''), unset, malformed, empty }
}

/** Replaces the variables of one text; undefined when one is not set. */
export function expandText(text: string, variables: Variables): string | undefined {
  return findUnset(text, variables) === undefined ? replace(text, variables) : undefined
}

function replace(text: string, variables: Variables): string {
  return text.replace(REFERENCE, (reference: string, name?: string, preset?: string) =>
    name === undefined ? reference.slice(1) : (lookUp(name, preset, variables) ?? ''),
  )
}

function lookUp(name: string, preset: string | undefined, variables: Variables): string | undefined {
  const value = variables[name]
  return preset === undefined ? value : value || replace(preset, variables)
}

function findUnset(value: unknown, variables: Variables): string | undefined {
  return findIn(value, (text) => {
    for (const [, name, preset] of text.matchAll(REFERENCE)) {
      if (name === undefined || variables[name]) continue
      const missing = preset === undefined ? name : findUnset(preset, variables)
      if (missing !== undefined && variables[missing] === undefined) return missing
    }
    return undefined
  })
}

/** A URL with nothing in that place leads to another database. */
function findEmpty(text: string, variables: Variables): string | undefined {
  for (const [, name, preset] of text.matchAll(REFERENCE)) {
    if (name !== undefined && preset === undefined && variables[name] === '') return name
  }
  return undefined
}

/** What is left of it is not shown: it may be a secret. */
function findMalformed(text: string): string | undefined {
  const wrong = /\$\{\s*\w*/.exec(text.replace(REFERENCE, ''))?.[0]
  if (wrong !== undefined) return `${wrong}…`
  for (const [, , preset] of text.matchAll(REFERENCE)) {
    const inner = preset === undefined ? undefined : findMalformed(preset)
    if (inner !== undefined) return inner
  }
  return undefined
}

/** Finds something in the first text of a value that has it. */
function findIn(value: unknown, find: (text: string) => string | undefined): string | undefined {
  if (typeof value === 'string') return find(value)
  if (typeof value !== 'object' || value === null) return undefined
  for (const inner of Object.values(value)) {
    const found = findIn(inner, find)
    if (found !== undefined) return found
  }
  return undefined
}

function expandDeep(value: unknown, variables: Variables): unknown {
  if (typeof value === 'string') return replace(value, variables)
  if (Array.isArray(value)) return value.map((item) => expandDeep(item, variables))
  return mapValues(value, (inner) => expandDeep(inner, variables))
}

/** JSON has no other place for a number or a switch that a variable gives. */
function toSetting(key: string, value: unknown): unknown {
  if (typeof value !== 'string' || !isSettingKey(key) || isValidSetting(key, value)) return value
  const converted = value === 'true' || value === 'false' ? value === 'true' : Number(value || Number.NaN)
  return isValidSetting(key, converted) ? converted : value
}

function mapValues(value: unknown, change: (inner: unknown, key: string) => unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, change(inner, key)]))
}
