import { parseDatabaseUrl } from '@tidemark/pg-driver'
import { isEmbeddedUrl } from '../config/embedded-url.ts'
import type { TargetJson } from '../schema/schemas.ts'

/** Tells where a connection string leads, without credentials; undefined when it cannot be read. */
export function describeUrl(url: string): Omit<TargetJson, 'schema'> | undefined {
  if (isEmbeddedUrl(url)) return { host: url, port: null, database: 'postgres', user: 'postgres' }
  try {
    return parseDatabaseUrl(url)
  } catch {
    return undefined
  }
}
