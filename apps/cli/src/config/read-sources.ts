import { resolve } from 'node:path'
import type { Diagnostic } from '@tidemark/core'
import type { Config, EnvironmentConfig } from './config-schema.ts'
import { resolveEmbeddedUrl } from './embedded-url.ts'
import { isValidEnvironment, isValidSetting } from './is-valid-config.ts'
import type { Variables } from './read-env-file.ts'
import { SETTING_SOURCES, type SettingSource } from './setting-sources.ts'
import type { Origin } from './settings.ts'

/** Values of one source, already in the form of the configuration file, and where each came from. */
export interface SourceValues {
  readonly values: EnvironmentConfig
  readonly origin: (source: string) => Origin
  readonly problems: readonly Diagnostic[]
}

/** Flags by name, as the parser gives them; others than settings are passed over. */
export type FlagValues = Readonly<Record<string, unknown>>

/** What settings are loaded from. */
export interface SettingsSources {
  /** Among others `config`, `env`, `env-file` and `no-env-file`. */
  readonly flags: FlagValues
  readonly variables: Variables
  /** The working directory. */
  readonly folder: string
}

/** The value of a flag that takes a text. */
export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

/** Reads the settings among the flags of a command line. Paths belong to the working directory. */
export function readFlags(flags: FlagValues, folder: string): Promise<SourceValues> {
  return readTexts(
    (source) => (source.flag === undefined ? undefined : flags[source.flag]),
    (source) => ({ kind: 'flag', name: `--${source.flag}` }),
    folder,
  )
}

/**
 * Reads the `TIDEMARK_*` variables. Paths belong to the working directory; an empty one is present without a
 * value.
 */
export function readVariables(variables: Variables, folder: string): Promise<SourceValues> {
  return readTexts(
    (source) => variables[source.variable],
    (source) => ({ kind: 'variable', name: source.variable }),
    folder,
  )
}

/**
 * Takes the settings of a configuration file or of one of its environments. Paths belong to the file's
 * folder.
 */
export function readConfigValues(
  { environments: _, $schema: __, ...settings }: Config,
  folder: string,
  origin: Origin,
): SourceValues {
  const values: Record<string, unknown> = settings
  for (const { key, kind } of SETTING_SOURCES) {
    const value = values[key]
    if (typeof value === 'string') values[key] = absolute(value, kind, folder)
  }
  return { values: settings, origin: () => origin, problems: [] }
}

async function readTexts(
  givenFor: (source: SettingSource) => unknown,
  originOf: (source: SettingSource) => { kind: 'flag' | 'variable'; name: string },
  folder: string,
): Promise<SourceValues> {
  const values: Record<string, unknown> = {}
  const problems: Diagnostic[] = []
  for (const source of SETTING_SOURCES) {
    const given = givenFor(source)
    if (given === undefined) continue
    if (given === '' && originOf(source).kind === 'variable') {
      values[source.key] = undefined
      continue
    }
    const value =
      typeof given === 'string' ? absolute(convert(given, source.kind), source.kind, folder) : given
    if (isValidSetting(source.key, value)) values[source.key] = value
    else problems.push(wrongValue(originOf(source).name, await explain(source.key, value)))
  }
  const origins = new Map(SETTING_SOURCES.map((source) => [String(source.key), originOf(source)]))
  return {
    values: isValidEnvironment(values) ? values : {},
    origin: (key) => origins.get(key) ?? { kind: 'default' },
    problems,
  }
}

async function explain(key: SettingSource['key'], value: unknown): Promise<string> {
  const { schemaOfKey } = await import('./config-schema.ts')
  return schemaOfKey(key).safeParse(value).error?.issues[0]?.message ?? 'is wrong'
}

function convert(text: string, kind: SettingSource['kind']): unknown {
  if (kind === 'number') return /^\d+$/.test(text.trim()) ? Number(text) : text
  if (kind === 'boolean')
    return text === 'true' || text === '1' ? true : text === 'false' || text === '0' ? false : text
  if (kind === 'list')
    return text
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== '')
  return text
}

function absolute(value: unknown, kind: SettingSource['kind'], folder: string): unknown {
  if (typeof value !== 'string' || value === '') return value
  if (kind === 'path') return resolve(folder, value)
  if (kind !== 'database') return value
  return resolveEmbeddedUrl(value, folder)
}

function wrongValue(name: string, message: string): Diagnostic {
  return {
    code: 'TM7003',
    severity: 'error',
    message: `"${name}" ${message}`,
    help: 'see `tidemark help config` for every setting and its values',
  }
}
