import type { CompiledStatement } from './compiled-statement.ts'
import { inlineParameters, quoteParameter } from './inline-parameters.ts'
import { renumberParameters } from './renumber-parameters.ts'

/**
 * Names our own statements on the server, so that each is parsed and planned once a session and not once a
 * migration: for precondition and record that is most of their time. `forget` follows every DEALLOCATE ALL.
 */
export interface PreparedStatements {
  /** What to send: EXECUTE, and before it PREPARE when the server does not know the statement yet. */
  call(statement: CompiledStatement): readonly string[]
  forget(): void
}

/** Names of statements that are ours. */
export const PREPARED_PREFIX = 'tidemark_'

/** Parameters that are the same in every statement of a run: they are written into the plan. */
const FIXED: ReadonlySet<string | null> = new Set(['runId', 'executedBy', 'toolVersion', 'lockKey', 'rerun'])

interface NamedStatement {
  readonly name: string
  /** The places of the parameters that differ from call to call. */
  readonly open: readonly number[]
  /** The others, with the values that the plan was made for. */
  readonly fixed: readonly { readonly place: number; readonly value: unknown }[]
}

/**
 * Makes an empty set for one session.
 *
 * @param prefix of the names; one session may have several sets.
 */
export function createPreparedStatements(prefix = PREPARED_PREFIX): PreparedStatements {
  const known = new Map<string, NamedStatement>()
  return {
    call(statement) {
      const { sql, parameters } = statement
      const found = known.get(sql)
      if (found !== undefined && isFor(found, parameters)) return [execution(found, parameters)]
      if (found !== undefined) return [inlineParameters(statement)]
      const named = nameStatement(`${prefix}${known.size + 1}`, statement)
      known.set(sql, named)
      return [preparation(named, statement), execution(named, parameters)]
    },
    forget: () => known.clear(),
  }
}

function nameStatement(name: string, { parameters, names = [] }: CompiledStatement): NamedStatement {
  const places = parameters.map((_, place) => place)
  const isFixed = (place: number) => FIXED.has(names[place] ?? null)
  return {
    name,
    open: places.filter((place) => !isFixed(place)),
    fixed: places.filter(isFixed).map((place) => ({ place, value: parameters[place] })),
  }
}

function isFor({ fixed }: NamedStatement, parameters: readonly unknown[]): boolean {
  return fixed.every(({ place, value }) => parameters[place] === value)
}

function preparation({ name, open, fixed }: NamedStatement, { sql }: CompiledStatement): string {
  const written = new Map(fixed.map(({ place, value }) => [place, quoteParameter(value)]))
  for (const [at, place] of open.entries()) written.set(place, `$${at + 1}`)
  return `PREPARE ${name} AS ${renumberParameters(sql, (place) => written.get(place - 1) ?? `$${place}`)}`
}

function execution({ name, open }: NamedStatement, parameters: readonly unknown[]): string {
  if (open.length === 0) return `EXECUTE ${name}`
  return `EXECUTE ${name}(${open.map((place) => quoteParameter(parameters[place])).join(', ')})`
}

/**
 * Raises when a file left a prepared statement behind, which only a trigger, rule or view could have hidden
 * from us: then the migration is tried again with DEALLOCATE ALL at its end. It
 * runs in the search_path that the file left.
 */
export const LEAK_CHECK: CompiledStatement = {
  sql: `SELECT CASE WHEN pg_catalog.count(*) OPERATOR(pg_catalog.>) 0
    THEN CAST('TM prepared ' OPERATOR(pg_catalog.||) pg_catalog.pg_current_xact_id()::pg_catalog.text AS int) END
  FROM pg_catalog.pg_prepared_statement() WHERE NOT pg_catalog.starts_with(name, '${PREPARED_PREFIX}')`,
  parameters: [],
}

/**
 * Tells whether a failure comes from naming statements alone: one is gone that was ours, or one is there that
 * is not.
 */
export function isPreparedTrouble(error: unknown): boolean {
  if (!(error instanceof Error) || !('code' in error)) return false
  if (error.code === '26000' || error.code === '42P05') return error.message.includes(PREPARED_PREFIX)
  return error.code === '22P02' && /\bTM prepared \d+\b/.test(error.message)
}
