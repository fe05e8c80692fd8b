import type { Diagnostic } from '@tidemark/core'
import { suggest } from '@tidemark/core'
import type { Variables } from './read-env-file.ts'

const SCHEMES = ['postgres', 'postgresql', 'pglite']

/** Tells whether a text is the URL of a server. */
export function isServerUrl(database: string): boolean {
  return /^\s*postgres(ql)?:\/\//i.test(database)
}

/**
 * Checks that a text names a database, without connecting: the scheme, and a URL that can be honoured. Never
 * repeats the text itself.
 */
export async function checkDatabase(
  database: string,
  origin: string,
  variables: Variables,
): Promise<Diagnostic | undefined> {
  const scheme = /^\s*([a-z][a-z0-9+.-]*):/i.exec(database)?.[1]?.toLowerCase()
  if (scheme === 'pglite') {
    return database === 'pglite:'
      ? problem(`${origin} does not name a folder`, 'write `pglite:.tidemark/db` or `pglite:memory`')
      : undefined
  }
  const isLeftOver = scheme === undefined && /^\s*["'`$]/.test(database)
  if (!isServerUrl(database) && !isLeftOver) return wrongScheme(scheme, origin)
  const { parseConnectionUrl } = await import('@tidemark/pg-driver/client')
  const read = parseConnectionUrl(database, variables)
  if (read.ok) return undefined
  const { code, reason, help } = read.error
  return problem(`${origin} ${reason}`, help, code === 'TM7052' ? code : 'TM7003')
}

function wrongScheme(scheme: string | undefined, origin: string): Diagnostic {
  if (scheme === undefined) {
    return problem(
      `${origin} does not name a database`,
      'write `postgres://…`, `pglite:PATH` or `pglite:memory`',
    )
  }
  if (scheme === 'postgres' || scheme === 'postgresql') {
    return problem(`${origin} is not a URL`, 'write `postgres://USER:PASSWORD@HOST:PORT/DATABASE`')
  }
  // SQLAlchemy, Ecto and JDBC write the driver into the scheme.
  if (/^postgres(ql)?\+|^ecto$|^jdbc$/.test(scheme)) {
    return problem(
      `${origin} starts with "${scheme}:", which only another tool understands`,
      'write `postgresql://`',
    )
  }
  const near = suggest(scheme, SCHEMES)
  return problem(
    `${origin} starts with "${scheme}:", which is not PostgreSQL`,
    near === undefined
      ? 'write `postgres://…`, `pglite:PATH` or `pglite:memory`'
      : `did you mean "${near}:"?`,
  )
}

function problem(message: string, help: string, code: 'TM7003' | 'TM7052' = 'TM7003'): Diagnostic {
  return { code, severity: 'error', message, help }
}
