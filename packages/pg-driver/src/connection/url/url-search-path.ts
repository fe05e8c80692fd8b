import { parseConnectionUri } from './parse-connection-uri.ts'
import { parseStartupOptions } from './startup-options.ts'

/**
 * Reads the search path that a URL itself asks for, by a parameter or in `options`; undefined where it says
 * nothing of it, or cannot be read.
 *
 * @example readUrlSearchPath('postgres://db/shop?search_path=tenant_a') // 'tenant_a'
 */
export function readUrlSearchPath(url: string): string | undefined {
  const read = parseConnectionUri(url)
  if (!read.ok) return undefined
  const { settings } = parseStartupOptions(read.value.get('options') ?? '')
  const option = settings.findLast(([name]) => name.toLowerCase() === 'search_path')
  return read.value.get('search_path') ?? option?.[1]
}
