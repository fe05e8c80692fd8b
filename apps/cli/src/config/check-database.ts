import type { Diagnostic } from '@tidemark/core'
import { suggest } from '@tidemark/core'

const SCHEMES = ['postgres', 'postgresql', 'pglite']

/** Checks that a text names a database, without connecting: the scheme, and a URL that parses. Never repeats the text itself. */
export function checkDatabase(database: string, origin: string): Diagnostic | undefined {
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(database)?.[1]?.toLowerCase()
  if (scheme === undefined || !SCHEMES.includes(scheme)) return wrongScheme(scheme, origin)
  if (scheme === 'pglite') {
    return database === 'pglite:'
      ? problem(`${origin} does not name a folder`, 'write `pglite:.tidemark/db` or `pglite:memory`')
      : undefined
  }
  if (!/^postgres(ql)?:\/\//i.test(database)) {
    return problem(`${origin} is not a URL`, 'write `postgres://USER:PASSWORD@HOST:PORT/DATABASE`')
  }
  if (URL.canParse(database) && isEncoded(database)) return undefined
  // An "@" behind it would mean that it is part of a password with a slash.
  const port = /^[^:]*:\/\/(?:[^/?#]*@)?[^/?#@:]*:(\w*)(?:[/?#][^@]*)?$/.exec(database)?.[1]
  if (port !== undefined && !isPort(port)) {
    return problem(
      `the port of ${origin} is not a number from 1 to 65535`,
      'the default port of PostgreSQL is 5432',
    )
  }
  return problem(
    `${origin} is not a URL that can be read`,
    'percent-encode special characters in the password: `%` is %25, `@` is %40, `:` is %3A, `/` is %2F, `?` is %3F, `#` is %23',
  )
}

function isPort(text: string): boolean {
  return text === '' || (/^\d+$/.test(text) && Number(text) > 0 && Number(text) < 65_536)
}

function isEncoded(database: string): boolean {
  const authority = /^[^:]*:\/\/([^/?#]*)/.exec(database)?.[1] ?? ''
  try {
    decodeURIComponent(authority)
    return true
  } catch {
    return false
  }
}

function wrongScheme(scheme: string | undefined, origin: string): Diagnostic {
  if (scheme === undefined) {
    return problem(
      `${origin} does not name a database`,
      'write `postgres://…`, `pglite:PATH` or `pglite:memory`',
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

function problem(message: string, help: string): Diagnostic {
  return { code: 'TM7003', severity: 'error', message, help }
}
