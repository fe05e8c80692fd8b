import { readConnectionUrl, type UrlTarget } from './connection-url.ts'

/**
 * Finds where a `postgres://` URL leads. What it leaves out comes from its service and the `PG*` variables.
 *
 * @throws TidemarkError TM7050 when it is no such URL, TM7052 when its TLS settings are none; no message
 *   repeats the URL.
 * @example parseDatabaseUrl('postgres://app:secret@db:5432/shop').database // 'shop'
 */
export function parseDatabaseUrl(url: string, environment: NodeJS.ProcessEnv = process.env): UrlTarget {
  return readConnectionUrl(url, environment).target
}
