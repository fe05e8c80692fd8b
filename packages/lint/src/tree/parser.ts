import type { Node, RawStmt } from 'libpg-query'

/** PostgreSQL's own parser, once it is loaded. */
export interface SqlParser {
  /** The tree of the one statement of a text; undefined where it is no SQL of the parser's version. */
  parse(sql: string): Node | undefined
  /** The queries in the body of a PL/pgSQL function; undefined where it cannot be read. */
  listQueries(createFunction: string): readonly string[] | undefined
}

/**
 * Loads PostgreSQL's parser (`libpg-query`, WebAssembly): tens of milliseconds, once a process. It reads the
 * grammar of PostgreSQL 18, which accepts what 14 to 17 accept.
 */
export async function loadSqlParser(): Promise<SqlParser> {
  const { loadModule, parseSync, parsePlPgSQLSync } = await import('libpg-query')
  await loadModule()
  return {
    parse: (sql) => {
      const parsed: { readonly stmts?: readonly RawStmt[] } | undefined = attempt(() => parseSync(sql))
      return parsed?.stmts?.[0]?.stmt
    },
    listQueries: (createFunction) => {
      const parsed = attempt(() => parsePlPgSQLSync(createFunction))
      return parsed === undefined ? undefined : [...listStrings(parsed, 'query')]
    },
  }
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}

function* listStrings(value: unknown, key: string): Generator<string> {
  if (typeof value !== 'object' || value === null) return
  for (const [name, inner] of Object.entries(value)) {
    if (name === key && typeof inner === 'string') yield inner
    else yield* listStrings(inner, key)
  }
}
