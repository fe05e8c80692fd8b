import type { Diagnostic } from '@tidemark/core'
import { checkDatabase, isServerUrl } from './check-database.ts'
import type { EnvironmentConfig } from './config-schema.ts'
import type { Variables } from './read-env-file.ts'
import type { Origin, Settings } from './settings.ts'

/** The URLs that are used, and what is wrong with them. */
export interface Urls {
  readonly urls: Pick<Settings, 'database' | 'directUrl'>
  readonly problems: readonly Diagnostic[]
  /** Of the connection that migrates. */
  readonly connectTimeoutMs: number | undefined
}

/** Completes the URLs by what the service and the `PG*` variables give, and checks them. */
export async function readUrls(
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
