import { dirname, relative, resolve, sep } from 'node:path'
import type { Diagnostic, SourceFile } from '@tidemark/core'
import { parseDuration, suggest, TidemarkError } from '@tidemark/core'
import { checkDatabase, isServerUrl } from './check-database.ts'
import type { Config, EnvironmentConfig, SettingKey } from './config-schema.ts'
import { expandConfig, expandText } from './expand-variables.ts'
import { findConfig } from './find-config.ts'
import { isValidConfig } from './is-valid-config.ts'
import { type LoadedConfig, loadConfigFile } from './load-config-file.ts'
import { readEnvFile, readEnvFileBeside, type Variables } from './read-env-file.ts'
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
  /** Among others `config`, `env`, `env-file` and `no-env-file`. */
  readonly flags: FlagValues
  readonly variables: Variables
  /** The working directory. */
  readonly folder: string
}

/**
 * Loads every setting. Precedence: flags, then `TIDEMARK_*`, then the environment of the file, then the file,
 * then `DATABASE_URL`; `PG*` variables fill what the chosen URL leaves out. Variables that are not set come
 * from `.env` beside the configuration, or from the file that is named in its place. A source in which a
 * setting is present and empty is never passed over.
 *
 * @throws {TidemarkError} TM7002–TM7007; all wrong keys and values at once, as its diagnostics.
 */
export async function loadSettings({ flags, variables, folder }: SettingsSources): Promise<Settings> {
  const named = await readNamedEnvFile({ flags, variables, folder })
  const path = configPath(textOf(flags['config']) ?? filled(named ?? variables, 'TIDEMARK_CONFIG'), folder)
  const home = path === undefined ? folder : dirname(path)
  const beside = async () => named ?? { ...(await readEnvFileBeside(home)), ...variables }
  const loaded =
    path === undefined
      ? NO_CONFIG
      : await loadConfigFile({ path, shownPath: shownPath(path, folder), variables: beside })
  const asked = textOf(flags['env']) ?? filled(named ?? variables, 'TIDEMARK_ENV')
  const all =
    named ?? (await readChosenEnvFile(findEnvFile(loaded.value, asked), { variables, home, beside }))
  const { config, file } = await checkLoaded(loaded, path === undefined ? '' : shownPath(path, folder), all)
  const environment = asked ?? filled(all, 'TIDEMARK_ENV')
  const chosen = chooseEnvironment(config, environment, path && shownPath(path, folder))
  const fromFile = [
    readConfigValues(chosen, home, { kind: 'environment', name: environment ?? '' }),
    readConfigValues(config, home, { kind: 'file', name: file.source.path }),
  ]
  const envFile = fromFile.find(({ values }) => Object.hasOwn(values, 'envFile'))
  if (envFile !== undefined && envFile.values.envFile === undefined) {
    throw problemsIn(undefined, [await describeUnset('envFile', envFile.origin('envFile'), file)])
  }
  const sources = [
    await readFlags(flags, folder),
    await readVariables(all, folder),
    ...fromFile,
    readDatabaseUrl(all, folder),
  ]
  const environments = Object.keys(config.environments ?? {})
  const place = { folder: home, configPath: path, environment, environments }
  return toSettings(sources, place, { variables: all, file })
}

const NO_CONFIG: LoadedConfig = { value: {}, text: '', isJson: false }

/** The text of a configuration, and the variables that its values name and that are not set. */
interface ConfigText {
  readonly source: SourceFile
  readonly unset: ReadonlyMap<string, string>
}

/** The value of a variable that chooses where settings come from: empty, it would choose another place. */
function filled(variables: Variables, name: string): string | undefined {
  const value = variables[name]
  if (value === '') throw problemsIn(undefined, [emptyVariable(name)])
  return value
}

function emptyVariable(name: string): Diagnostic {
  return {
    code: 'TM7003',
    severity: 'error',
    message: `"${name}" is set but empty`,
    help: `give ${name} a value, or unset it`,
  }
}

async function describeUnset(
  key: SettingKey,
  origin: Origin | undefined,
  { source, unset }: ConfigText,
): Promise<Diagnostic> {
  if (origin?.kind !== 'file' && origin?.kind !== 'environment')
    return emptyVariable(origin?.kind === 'default' || origin === undefined ? key : origin.name)
  const { describeUndefined } = await import('./check-config.ts')
  const path = origin.kind === 'file' ? [key] : ['environments', origin.name, key]
  return describeUndefined(path, source, unset.get(path.join('.')))
}

/**
 * The variables with those of the file that a flag or a variable names; those alone when none may be read;
 * undefined when none is named.
 */
async function readNamedEnvFile({
  flags,
  variables,
  folder,
}: SettingsSources): Promise<Variables | undefined> {
  if (flags['no-env-file'] === true) return variables
  const path = textOf(flags['env-file']) ?? filled(variables, 'TIDEMARK_ENV_FILE')
  return path === undefined
    ? undefined
    : { ...(await readEnvFile(resolve(folder, path), path)), ...variables }
}

interface EnvFilePlace {
  readonly variables: Variables
  readonly home: string
  readonly beside: () => Promise<Variables>
}

async function readChosenEnvFile(
  envFile: unknown,
  { variables, home, beside }: EnvFilePlace,
): Promise<Variables> {
  if (envFile === false) return variables
  const path = typeof envFile === 'string' ? expandText(envFile, variables) : undefined
  if (path === undefined || path === '') return beside()
  return { ...(await readEnvFile(resolve(home, path), path)), ...variables }
}

/** The `envFile` of a configuration that is not checked yet: its environment's, or its own. */
function findEnvFile(config: unknown, environment: string | undefined): unknown {
  const environments = environment === undefined ? undefined : ownValue(config, 'environments')
  const chosen = environment === undefined ? undefined : ownValue(environments, environment)
  return [chosen, config]
    .map((settings) => ownValue(settings, 'envFile'))
    .find((value) => value !== undefined)
}

function ownValue(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? Reflect.get(value, key)
    : undefined
}

function configPath(named: string | undefined, folder: string): string | undefined {
  return named === undefined ? findConfig(folder) : resolve(folder, named)
}

async function checkLoaded(
  { value, text, isJson }: LoadedConfig,
  path: string,
  variables: Variables,
): Promise<{ readonly config: Config; readonly file: ConfigText }> {
  const { value: given, unset } = isJson ? expandConfig(value, variables) : { value, unset: new Map() }
  const file = { source: { path, text }, unset }
  if (isValidConfig(given)) return { config: given, file }
  const { checkConfig } = await import('./check-config.ts')
  const checked = checkConfig(given, file.source)
  if (checked.ok) return { config: checked.value, file }
  throw problemsIn(path, checked.error)
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
  return readConfigValues(database === undefined ? {} : { database: database || undefined }, folder, origin)
}

async function toSettings(
  sources: readonly SourceValues[],
  place: Pick<Settings, 'folder' | 'configPath' | 'environment' | 'environments'>,
  { variables, file }: { readonly variables: Variables; readonly file: ConfigText },
): Promise<Settings> {
  const origins: Partial<Record<SettingKey, Origin>> = {}
  const unset: SettingKey[] = []
  const pick = <K extends SettingKey>(key: K): EnvironmentConfig[K] => {
    const source = sources.find((candidate) => Object.hasOwn(candidate.values, key))
    origins[key] = source?.origin(key) ?? { kind: 'default' }
    if (source !== undefined && source.values[key] === undefined) unset.push(key)
    return source?.values[key]
  }
  const duration = (
    key: 'lockTimeout' | 'lockWait' | 'statementTimeout' | 'batchTime' | 'maxLag' | 'hookTimeout',
    preset: string,
  ): number => parseDuration(String(pick(key) ?? preset)) ?? 0
  const given = { database: pick('database'), directUrl: pick('directUrl') }
  const { urls, problems: wrongUrls, connectTimeoutMs } = await readUrls(given, origins, variables)
  const connectTimeout = pick('connectTimeout')
  const settings: Settings = {
    ...place,
    ...urls,
    migrations: pick('migrations') ?? resolve(place.folder, 'migrations'),
    schema: pick('schema') ?? 'public',
    lockTimeoutMs: duration('lockTimeout', '5s'),
    lockRetries: pick('lockRetries') ?? 10,
    lockWaitMs: duration('lockWait', '10min'),
    statementTimeoutMs: duration('statementTimeout', '0'),
    batchTimeMs: duration('batchTime', '500ms'),
    maxLagMs: duration('maxLag', '10s'),
    connectTimeoutMs:
      connectTimeout === undefined
        ? (connectTimeoutMs ?? DEFAULT_CONNECT_TIMEOUT_MS)
        : (parseDuration(String(connectTimeout)) ?? 0),
    readers: pick('readers') ?? [],
    rowSecurity: pick('rowSecurity') ?? 'auto',
    trackDrift: pick('trackDrift') ?? false,
    drift: pick('drift') ?? {},
    lint: pick('lint') ?? {},
    protected: pick('protected') ?? false,
    development: isDevelopment(sources, place),
    commits: pick('commits') ?? 'each',
    backup: pick('backup') ?? 'never',
    exposedSchemas: pick('exposedSchemas'),
    embeddedProfile: pick('embedded')?.profile ?? 'plain',
    snapshot: pick('snapshot'),
    shadow: pick('shadow') ?? 'pglite',
    shadowDisposable: pick('shadowDisposable') ?? false,
    variables: mergeVariables(sources),
    hooks: pick('hooks') ?? {},
    hookTimeoutMs: duration('hookTimeout', '60s'),
    logFile: pick('logFile'),
    logLevel: pick('logLevel'),
    origins,
  }
  const empty = await Promise.all(
    unset.map(async (key) => ({ key, problem: await describeUnset(key, origins[key], file) })),
  )
  const isDatabase = (key: SettingKey): boolean => key === 'database' || key === 'directUrl'
  const problems = [
    ...sources.flatMap((source) => source.problems),
    ...empty.filter(({ key }) => !isDatabase(key)).map(({ problem }) => problem),
    ...wrongUrls,
  ]
  if (problems.length > 0) throw problemsIn(undefined, problems)
  const emptyDatabases = empty.filter(({ key }) => isDatabase(key)).map(({ problem }) => problem)
  return emptyDatabases.length === 0
    ? settings
    : { ...settings, unsetDatabase: problemsIn(undefined, emptyDatabases) }
}

/** Not inherited: the file's own `development` is no word on an environment that is silent. */
function isDevelopment(
  sources: readonly SourceValues[],
  { environment }: Pick<Settings, 'environment'>,
): boolean {
  const from = environment === undefined ? 'file' : 'environment'
  return sources.some(
    ({ values, origin }) => values.development === true && origin('development').kind === from,
  )
}

/** An environment changes single variables. */
function mergeVariables(sources: readonly SourceValues[]): Settings['variables'] {
  const given = sources.flatMap(({ values }) => (values.variables === undefined ? [] : [values.variables]))
  return Object.assign({}, ...given.reverse())
}

const DEFAULT_CONNECT_TIMEOUT_MS = 10_000

interface Urls {
  readonly urls: Pick<Settings, 'database' | 'directUrl'>
  readonly problems: readonly Diagnostic[]
  /** Of the connection that migrates. */
  readonly connectTimeoutMs: number | undefined
}

/** Completes the URLs by what the service and the `PG*` variables give, and checks them. */
async function readUrls(
  { database, directUrl }: Pick<EnvironmentConfig, 'database' | 'directUrl'>,
  origins: Settings['origins'],
  variables: Variables,
): Promise<Urls> {
  const urls = { database, directUrl }
  const problems: Diagnostic[] = []
  let connectTimeoutMs: number | undefined
  for (const key of ['database', 'directUrl'] as const) {
    const url = urls[key]
    if (url === undefined) continue
    const problem = await checkDatabase(url, nameOrigin(key, origins[key]), variables)
    if (problem !== undefined) problems.push(problem)
    else if (isServerUrl(url)) {
      const { completeUrl, parseConnectionUrl } = await import('@tidemark/pg-driver/client')
      urls[key] = completeUrl(url, variables)
      const read = parseConnectionUrl(url, variables)
      connectTimeoutMs = read.ok ? (read.value.connectTimeoutMs ?? connectTimeoutMs) : undefined
    }
  }
  return { urls, problems, connectTimeoutMs }
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
