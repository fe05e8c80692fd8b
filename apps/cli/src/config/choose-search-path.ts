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

/** Tells whether a source, or any environment of the configuration, has a search path that does not begin with `public`. */
export function isForTenants(sources: readonly SourceValues[], config: Config): boolean {
  const given = [...sources.map(({ values }) => values), ...Object.values(config.environments ?? {})]
  return given.some(({ searchPath }) => {
    const read = searchPath === undefined ? undefined : parseSearchPath(searchPath)
    return read?.ok === true && read.value[0] !== 'public'
  })
}
