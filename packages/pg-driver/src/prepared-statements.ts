import type { CompiledStatement } from './compiled-statement.ts'
import { quoteParameter } from './inline-parameters.ts'

/**
 * Names our own statements on the server, so that each is parsed and planned once a session and not once a migration:
 * for guard and record that is most of their time. `forget` follows every DEALLOCATE ALL.
 */
export interface PreparedStatements {
  /** What to send: EXECUTE, and before it PREPARE when the server does not know the statement yet. */
  call(statement: CompiledStatement): readonly string[]
  forget(): void
}

/** Names of statements that are ours. */
export const PREPARED_PREFIX = 'tidemark_'

/** Makes an empty set for one session. */
export function createPreparedStatements(): PreparedStatements {
  const names = new Map<string, string>()
  return {
    call({ sql, parameters }) {
      const values = parameters.length === 0 ? '' : `(${parameters.map(quoteParameter).join(', ')})`
      const known = names.get(sql)
      if (known !== undefined) return [`EXECUTE ${known}${values}`]
      const name = `${PREPARED_PREFIX}${names.size + 1}`
      names.set(sql, name)
      return [`PREPARE ${name} AS ${sql}`, `EXECUTE ${name}${values}`]
    },
    forget: () => names.clear(),
  }
}

/**
 * Raises when a file left a prepared statement behind, which only a trigger, rule or view could have hidden from us: then the
 * migration is tried again with DEALLOCATE ALL at its end.
 */
export const LEAK_CHECK: CompiledStatement = {
  sql: `SELECT CASE WHEN pg_catalog.count(*) > 0 THEN CAST('TM prepared ' || pg_catalog.pg_current_xact_id()::text AS int) END
  FROM pg_catalog.pg_prepared_statement() WHERE NOT pg_catalog.starts_with(name, '${PREPARED_PREFIX}')`,
  parameters: [],
}

/** Tells whether a failure comes from naming statements alone: one is gone that was ours, or one is there that is not. */
export function isPreparedTrouble(error: unknown): boolean {
  if (!(error instanceof Error) || !('code' in error)) return false
  if (error.code === '26000' || error.code === '42P05') return error.message.includes(`"${PREPARED_PREFIX}`)
  return error.code === '22P02' && /"TM prepared \d+"/.test(error.message)
}
