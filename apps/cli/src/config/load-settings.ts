import { dirname, relative, resolve, sep } from 'node:path'
import type { Diagnostic } from '@tidemark/core'
import { parseDuration, suggest, TidemarkError } from '@tidemark/core'
import { checkDatabase } from './check-database.ts'
import type { Config, EnvironmentConfig, SettingKey } from './config-schema.ts'
import { fillFromPgVariables } from './fill-from-pg-variables.ts'
import { findConfig } from './find-config.ts'
import { isValidConfig } from './is-valid-config.ts'
import { loadConfigFile } from './load-config-file.ts'
import { readEnvFile, type Variables } from './read-env-file.ts'
import {
  type FlagValues,
  readConfigValues,
  readFlags,
  readVariables,
  type SourceValues,
} from './read-sources.ts'
import type { Origin, Settings } from './settings.ts'

/** What {@link loadSettings} starts from. */
export interface SettingsSources {
  /** Among others `config`, `env` and `env-file`. */
  readonly flags: FlagValues
  readonly variables: Variables
  /** The working directory. */
  readonly folder: string
}

/**
 * Loads every setting. Precedence: flags, then `TIDEMARK_*`, then the environment of the file, then the file, then `DATABASE_URL`;
 * `PG*` variables fill what the chosen URL leaves out.
 *
 * @throws {TidemarkError} TM7002–TM7007; all wrong keys and values at once, as its diagnostics.
 */
export async function loadSettings({ flags, variables, folder }: SettingsSources): Promise<Settings> {
  const named = await readNamedEnvFile(
    textOf(flags['env-file']) ?? variables['TIDEMARK_ENV_FILE'],
    variables,
    folder,
  )
  const path = configPath(textOf(flags['config']) ?? (named['TIDEMARK_CONFIG'] || undefined), folder)
  const home = path === undefined ? folder : dirname(path)
  const config = path === undefined ? {} : await readConfig(path, folder)
  const environment = textOf(flags['env']) ?? (named['TIDEMARK_ENV'] || undefined)
  const chosen = chooseEnvironment(config, environment, path && shownPath(path, folder))
  const envFile = chosen.envFile ?? config.envFile
  const all = named === variables ? await readNamedEnvFile(envFile, variables, home) : named
  const sources = [
    await readFlags(flags, folder),
    await readVariables(all, folder),
    readConfigValues(chosen, home, { kind: 'environment', name: environment ?? '' }),
    readConfigValues(config, home, { kind: 'file', name: path === undefined ? '' : shownPath(path, folder) }),
    readDatabaseUrl(all, folder),
  ]
  return toSettings(sources, { folder: home, configPath: path, environment }, all)
}

async function readNamedEnvFile(
  path: string | undefined,
  variables: Variables,
  folder: string,
): Promise<Variables> {
  if (path === undefined || path === '') return variables
  return { ...(await readEnvFile(resolve(folder, path), path)), ...variables }
}

function configPath(named: string | undefined, folder: string): string | undefined {
  return named === undefined ? findConfig(folder) : resolve(folder, named)
}

async function readConfig(path: string, folder: string): Promise<Config> {
  const shown = shownPath(path, folder)
  const { value, text } = await loadConfigFile(path, shown)
  if (isValidConfig(value)) return value
  const { checkConfig } = await import('./check-config.ts')
  const checked = checkConfig(value, { path: shown, text })
  if (checked.ok) return checked.value
  throw problemsIn(shown, checked.error)
}

function chooseEnvironment(
  config: Config,
  name: string | undefined,
  shown: string | undefined,
): EnvironmentConfig {
  if (name === undefined) return {}
  const environments = config.environments ?? {}
  const chosen = Object.hasOwn(environments, name) ? environments[name] : undefined
  if (chosen !== undefined) return chosen
  const names = Object.keys(environments)
  const near = suggest(name, names)
  throw new TidemarkError({
    code: 'TM7006',
    message: `${shown === undefined ? 'there is no configuration file, so no' : `"${shown}" has no`} environment "${name}"`,
    help:
      near !== undefined
        ? `did you mean "${near}"?`
        : names.length === 0
          ? 'add it under the key `environments`'
          : `the environments are ${names.join(', ')}`,
  })
}

function readDatabaseUrl(variables: Variables, folder: string): SourceValues {
  const database = variables['DATABASE_URL']
  const origin: Origin = { kind: 'variable', name: 'DATABASE_URL' }
  return database ? readConfigValues({ database }, folder, origin) : readConfigValues({}, folder, origin)
}

function toSettings(
  sources: readonly SourceValues[],
  place: Pick<Settings, 'folder' | 'configPath' | 'environment'>,
  variables: Variables,
): Settings {
  const origins: Partial<Record<SettingKey, Origin>> = {}
  const pick = <K extends SettingKey>(key: K): EnvironmentConfig[K] => {
    const source = sources.find((candidate) => candidate.values[key] !== undefined)
    origins[key] = source?.origin(key) ?? { kind: 'default' }
    return source?.values[key]
  }
  const duration = (
    key: 'lockTimeout' | 'lockWait' | 'statementTimeout' | 'connectTimeout',
    preset: string,
  ): number => parseDuration(String(pick(key) ?? preset)) ?? 0
  const database = (key: 'database' | 'directUrl'): string | undefined => {
    const url = pick(key)
    return url === undefined ? undefined : fillFromPgVariables(url, variables)
  }
  const settings: Settings = {
    ...place,
    database: database('database'),
    directUrl: database('directUrl'),
    migrations: pick('migrations') ?? resolve(place.folder, 'migrations'),
    schema: pick('schema') ?? 'public',
    lockTimeoutMs: duration('lockTimeout', '5s'),
    lockRetries: pick('lockRetries') ?? 10,
    lockWaitMs: duration('lockWait', '10min'),
    statementTimeoutMs: duration('statementTimeout', '0'),
    connectTimeoutMs: duration('connectTimeout', '10s'),
    readers: pick('readers') ?? [],
    protected: pick('protected') ?? false,
    commits: pick('commits') ?? 'each',
    backup: pick('backup') ?? 'never',
    embeddedProfile: pick('embedded')?.profile ?? 'plain',
    logFile: pick('logFile'),
    logLevel: pick('logLevel'),
    origins,
  }
  const problems = [...sources.flatMap((source) => source.problems), ...checkDatabases(settings)]
  if (problems.length > 0) throw problemsIn(undefined, problems)
  return settings
}

function checkDatabases(settings: Settings): readonly Diagnostic[] {
  return (['database', 'directUrl'] as const).flatMap((key) => {
    const url = settings[key]
    const found = url === undefined ? undefined : checkDatabase(url, nameOrigin(key, settings.origins[key]))
    return found === undefined ? [] : [found]
  })
}

function nameOrigin(key: string, origin: Origin | undefined): string {
  if (origin === undefined || origin.kind === 'default') return `"${key}"`
  if (origin.kind === 'file') return `"${key}" in "${origin.name}"`
  return origin.kind === 'environment' ? `"${key}" of the environment "${origin.name}"` : `"${origin.name}"`
}

function problemsIn(path: string | undefined, diagnostics: readonly Diagnostic[]): TidemarkError {
  const count = diagnostics.length === 1 ? 'one problem' : `${diagnostics.length} problems`
  return new TidemarkError({
    code: diagnostics[0]?.code ?? 'TM7003',
    message: `the configuration ${path === undefined ? '' : `"${path}" `}has ${count}`,
    diagnostics,
  })
}

function shownPath(path: string, folder: string): string {
  const shown = relative(folder, path)
  return (shown.startsWith('..') && shown.split(sep).length > 4 ? path : shown).replaceAll(sep, '/')
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
