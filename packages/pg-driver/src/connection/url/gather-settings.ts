import { ok, type Result } from '@tidemark/core'
import { VARIABLES } from './parameters.ts'
import { type ConnectionSettings, parseConnectionUri } from './parse-connection-uri.ts'
import { readService } from './service-file.ts'
import type { UrlProblem } from './url-problem.ts'

/** Where a setting came from. */
export type SettingSource = 'url' | 'service' | 'environment'

/** Every setting that a URL, its service and the environment give, and where each came from. */
export interface GatheredSettings {
  readonly settings: ConnectionSettings
  readonly sources: ReadonlyMap<string, SettingSource>
}

/**
 * Gathers what is said of a connection in libpq's order: the URL, then the service that it or `PGSERVICE`
 * names, then the `PG*` variables. An empty variable counts as not set.
 *
 * @example gatherSettings('postgres://db', { PGUSER: 'ada' }) // ok: host db, user ada
 */
export function gatherSettings(
  url: string,
  environment: NodeJS.ProcessEnv,
): Result<GatheredSettings, UrlProblem> {
  const own = parseConnectionUri(url)
  if (!own.ok) return own
  const settings = new Map(own.value)
  const sources = new Map<string, SettingSource>([...settings.keys()].map((keyword) => [keyword, 'url']))
  const fill = (source: SettingSource, entries: Iterable<readonly [string, string | undefined]>): void => {
    for (const [keyword, value] of entries) {
      if (value === undefined || settings.has(keyword)) continue
      if (keyword === 'sslmode' && settings.has('ssl')) continue
      settings.set(keyword, value)
      sources.set(keyword, source)
    }
  }
  const variables = VARIABLES.map(([keyword, name]) => [keyword, environment[name] || undefined] as const)
  fill(
    'environment',
    variables.filter(([keyword]) => keyword.startsWith('service')),
  )
  const name = settings.get('service')
  if (name !== undefined && name !== '') {
    const service = readService(name, settings.get('servicefile') || undefined, environment)
    if (!service.ok) return service
    fill('service', service.value)
  }
  fill('environment', variables)
  return ok({ settings, sources })
}

/**
 * Adds to a URL, as parameters, what the service and the environment fill in, so that it means the same
 * wherever it is read again. What cannot be read is returned as it is.
 *
 * @example completeUrl('postgres://db/shop', { PGUSER: 'ada' }) // 'postgres://db/shop?user=ada'
 */
export function completeUrl(url: string, environment: NodeJS.ProcessEnv): string {
  const gathered = gatherSettings(url, environment)
  if (!gathered.ok) return url
  const { settings, sources } = gathered.value
  const added = [...settings].flatMap(([keyword, value]) =>
    sources.get(keyword) === 'url' ? [] : [`${keyword}=${encodeURIComponent(value)}`],
  )
  if (added.length === 0) return url
  return `${url.trim()}${url.includes('?') ? '&' : '?'}${added.join('&')}`
}
