import { parseSearchPath } from '@tidemark/core'
import { isServerUrl } from './check-database.ts'
import type { Config, EnvironmentConfig } from './config-schema.ts'
import type { SourceValues } from './read-sources.ts'
import type { Settings } from './settings.ts'

/**
 * Chooses between the setting `searchPath` and the URL that migrates, which may have a search path too: the
 * source that comes first wins, and of one source the setting.
 *
 * @returns undefined where the URL or the role decides
 */
export async function chooseSearchPath(
  given: EnvironmentConfig['searchPath'],
  sources: readonly SourceValues[],
): Promise<Settings['searchPath']> {
  if (given === undefined || (await isSaidByUrl(sources))) return undefined
  const read = parseSearchPath(given)
  // What is wrong with it was found when its source was read.
  return read.ok ? read.value : undefined
}

async function isSaidByUrl(sources: readonly SourceValues[]): Promise<boolean> {
  const setting = sources.findIndex(({ values }) => Object.hasOwn(values, 'searchPath'))
  const key = sources.some(({ values }) => values.directUrl !== undefined) ? 'directUrl' : 'database'
  const at = sources.findIndex(({ values }) => Object.hasOwn(values, key))
  const url = sources[at]?.values[key]
  if (setting <= at || at === -1 || url === undefined || !isServerUrl(url)) return false
  const { readUrlSearchPath } = await import('@tidemark/pg-driver/client')
  return readUrlSearchPath(url) !== undefined
}

/**
 * Tells whether a source, any environment of the configuration, or a target of its fleet has a search path that
 * does not begin with `public`.
 */
export function isForTenants(sources: readonly SourceValues[], config: Config): boolean {
  const given = [...sources.map(({ values }) => values), ...Object.values(config.environments ?? {})]
  const paths = [...given.map(({ searchPath }) => searchPath), ...listTargetPaths(config)]
  return paths.some((path) => {
    const read = path === undefined ? undefined : parseSearchPath(path)
    return read?.ok === true && read.value[0] !== 'public'
  })
}

/** Of targets that are a list. Those of a query are asked for only by commands for the fleet: its text has the keys. */
function listTargetPaths({ fleet }: Config): readonly (string | readonly string[])[] {
  const { targets } = fleet ?? {}
  if (Array.isArray(targets)) return targets.flatMap(pathOfTarget)
  if (targets === undefined || !('query' in targets)) return []
  return /\bschema\b|\bsearchPath\b/u.test(targets.query) ? [[OF_EACH_TARGET]] : []
}

/** Anything but `public`. */
const OF_EACH_TARGET = 'tenant'

function pathOfTarget({ searchPath, schema }: Readonly<Record<string, unknown>>): (string | string[])[] {
  if (typeof searchPath === 'string') return [searchPath]
  if (Array.isArray(searchPath)) return [searchPath.filter((name) => typeof name === 'string')]
  return typeof schema === 'string' ? [[schema]] : []
}
