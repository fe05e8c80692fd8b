import { resolve } from 'node:path'
import { parseDuration, trackingSchemaOf } from '@tidemark/core'
import { chooseSearchPath } from './choose-search-path.ts'
import { type ConfigText, describeUnset, findUnset, pathOf, problemsIn } from './config-problems.ts'
import type { EnvironmentConfig, SettingKey } from './config-schema.ts'
import type { Variables } from './read-env-file.ts'
import type { SourceValues } from './read-sources.ts'
import { readUrls } from './read-urls.ts'
import type { Origin, Settings } from './settings.ts'

const DEFAULT_CONNECT_TIMEOUT_MS = 10_000

/**
 * Picks each setting from the first source that has it, or its default.
 *
 * @throws {TidemarkError} TM7003 with everything that is wrong.
 */
export async function toSettings(
  sources: readonly SourceValues[],
  place: Pick<Settings, 'folder' | 'configPath' | 'environment' | 'environments' | 'usesSearchPaths'>,
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
  const searchPath = await chooseSearchPath(pick('searchPath'), sources)
  const settings: Settings = {
    ...place,
    ...urls,
    migrations: pick('migrations') ?? resolve(place.folder, 'migrations'),
    schema: pick('schema') ?? trackingSchemaOf(searchPath),
    searchPath,
    createSchema: pick('createSchema') ?? false,
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
    variables: mergeVariables(sources, file),
    hooks: pick('hooks') ?? {},
    hookTimeoutMs: duration('hookTimeout', '60s'),
    fleet: pick('fleet'),
    logFile: pick('logFile'),
    logLevel: pick('logLevel'),
    origins,
  }
  const empty = unset.map((key) => ({ key, problem: describeUnset(key, origins[key], file) }))
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

/** An environment changes single variables. One without a value has the name of what would have given it. */
function mergeVariables(sources: readonly SourceValues[], file: ConfigText): Settings['variables'] {
  const given = sources.toReversed().flatMap(({ values, origin }) =>
    Object.entries(values.variables ?? {}).map(([name, value]) => {
      const unset =
        value === undefined ? findUnset([...pathOf('variables', origin('variables')), name], file) : undefined
      return [name, unset === undefined ? value : { unset }] as const
    }),
  )
  return Object.fromEntries(given)
}
