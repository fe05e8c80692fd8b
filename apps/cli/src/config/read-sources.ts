import { resolve } from 'node:path'
import type { Diagnostic } from '@tidemark/core'
import { type Config, type EnvironmentConfig, EnvironmentSchema, schemaOfKey } from './config-schema.ts'
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

/** Reads the settings among the flags of a command line. Paths belong to the working directory. */
export function readFlags(flags: FlagValues, folder: string): SourceValues {
  return readTexts(
    (source) => (source.flag === undefined ? undefined : flags[source.flag]),
    (source) => ({ kind: 'flag', name: `--${source.flag}` }),
    folder,
  )
}

/** Reads the `TIDEMARK_*` variables. Paths belong to the working directory. */
export function readVariables(variables: Variables, folder: string): SourceValues {
  return readTexts(
    (source) => variables[source.variable] || undefined,
    (source) => ({ kind: 'variable', name: source.variable }),
    folder,
  )
}

/** Takes the settings of a configuration file or of one of its environments. Paths belong to the file's folder. */
export function readConfigValues(
  config: Config | EnvironmentConfig,
  folder: string,
  origin: Origin,
): SourceValues {
  const values: Record<string, unknown> = { ...config }
  for (const { key, kind } of SETTING_SOURCES) {
    const value = values[key]
    if (typeof value === 'string') values[key] = absolute(value, kind, folder)
  }
  for (const key of ['environments', '$schema']) delete values[key]
  return { values: EnvironmentSchema.parse(values), origin: () => origin, problems: [] }
}

function readTexts(
  givenFor: (source: SettingSource) => unknown,
  originOf: (source: SettingSource) => { kind: 'flag' | 'variable'; name: string },
  folder: string,
): SourceValues {
  const values: Record<string, unknown> = {}
  const problems: Diagnostic[] = []
  for (const source of SETTING_SOURCES) {
    const given = givenFor(source)
    if (given === undefined) continue
    const value =
      typeof given === 'string' ? absolute(convert(given, source.kind), source.kind, folder) : given
    const parsed = schemaOfKey(source.key).safeParse(value)
    if (parsed.success) values[source.key] = parsed.data
    else problems.push(wrongValue(originOf(source).name, parsed.error.issues[0]?.message ?? 'is wrong'))
  }
  const origins = new Map(SETTING_SOURCES.map((source) => [String(source.key), originOf(source)]))
  return {
    values: EnvironmentSchema.parse(values),
    origin: (key) => origins.get(key) ?? { kind: 'default' },
    problems,
  }
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
  const path = /^pglite:(?!memory$)(.+)$/.exec(value)?.[1]
  return path === undefined ? value : `pglite:${resolve(folder, path)}`
}

function wrongValue(name: string, message: string): Diagnostic {
  return {
    code: 'TM7003',
    severity: 'error',
    message: `"${name}" ${message}`,
    help: 'see `tidemark help config` for every setting and its values',
  }
}
