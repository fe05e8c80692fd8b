import { quoteIdentifier } from '@tidemark/core'
import { type Connection, isServerError } from '@tidemark/pg-driver/engine'
import { z } from 'zod'
import type { ApplicationQuery } from './query.ts'
import { listRequiredColumns, type RequiredColumns } from './required-columns.ts'

/** What the server says of a query at one moment. */
export type QueryVerdict =
  | {
      readonly kind: 'works'
      /** Columns that it would leave empty although they are required, such as `public.users.email`. */
      readonly leftEmpty: readonly string[]
      readonly parameterTypes: string
    }
  | { readonly kind: 'fails'; readonly why: string }

/**
 * Has each query planned as the application's role, with a plan that knows no values. Nothing is executed.
 *
 * @returns a verdict for each, in their order.
 */
export async function checkQueries(
  connection: Connection,
  queries: readonly ApplicationQuery[],
  { searchPath, roles }: { readonly searchPath: string | null; readonly roles: ReadonlySet<string> },
): Promise<readonly QueryVerdict[]> {
  const verdicts: QueryVerdict[] = []
  await connection.query('BEGIN')
  try {
    const required = await listRequiredColumns(connection)
    if (searchPath !== null) await connection.query(`SET LOCAL search_path TO ${searchPath}`)
    await connection.query('SET LOCAL plan_cache_mode = force_generic_plan')
    for (const query of queries) verdicts.push(await planQuery(connection, query, { required, roles }))
    return verdicts
  } finally {
    await connection.query('ROLLBACK')
  }
}

const NAME = 'tidemark_query'

interface Planning {
  readonly required: RequiredColumns
  /** Those that exist on the copy. */
  readonly roles: ReadonlySet<string>
}

async function planQuery(
  connection: Connection,
  { text, role }: ApplicationQuery,
  { required, roles }: Planning,
): Promise<QueryVerdict> {
  await connection.query('SAVEPOINT query')
  let isPrepared = false
  try {
    if (role !== null && roles.has(role)) await connection.query(`SET LOCAL ROLE ${quoteIdentifier(role)}`)
    await connection.query(`PREPARE ${NAME} AS ${text}`)
    isPrepared = true
    const parameterTypes = await readParameterTypes(connection)
    const values =
      parameterTypes === ''
        ? ''
        : `(${parameterTypes
            .split('\n')
            .map(() => 'NULL')
            .join(', ')})`
    const { rows } = await connection.query<Record<string, unknown>>(
      `EXPLAIN (VERBOSE, COSTS OFF, FORMAT JSON) EXECUTE ${NAME}${values}`,
    )
    return { kind: 'works', parameterTypes, leftEmpty: findLeftEmpty(rows[0]?.['QUERY PLAN'], required) }
  } catch (error) {
    if (!isServerError(error)) throw error
    return { kind: 'fails', why: error.message }
  } finally {
    // Prepared statements belong to the session, and no rollback takes them away.
    await connection.query('ROLLBACK TO SAVEPOINT query')
    if (isPrepared) await connection.query(`DEALLOCATE ${NAME}`)
    await connection.query('RELEASE SAVEPOINT query')
  }
}

async function readParameterTypes(connection: Connection): Promise<string> {
  const { rows } = await connection.query<{ types: string | null }>(
    `SELECT pg_catalog.array_to_string(parameter_types::pg_catalog.text[], E'\\n') AS types
     FROM pg_catalog.pg_prepared_statements WHERE name = '${NAME}'`,
  )
  return rows[0]?.types ?? ''
}

const Node = z.object({
  'Node Type': z.string(),
  Operation: z.string().optional(),
  Schema: z.string().optional(),
  'Relation Name': z.string().optional(),
  Output: z.array(z.string()).optional(),
  get Plans() {
    return z.array(Node).optional()
  },
})
const Plan = z.array(z.object({ Plan: Node }))

/** A column that an INSERT does not name is a constant NULL in what it writes, unless it has a default. */
function findLeftEmpty(explained: unknown, required: RequiredColumns): readonly string[] {
  const plan = Plan.safeParse(typeof explained === 'string' ? JSON.parse(explained) : explained)
  if (!plan.success) return []
  return plan.data
    .flatMap((one) => listNodes(one.Plan))
    .flatMap((node) => {
      if (node.Operation !== 'Insert') return []
      const table = `${node.Schema}.${node['Relation Name']}`
      const written = node.Plans?.[0]?.Output ?? []
      return [...(required.get(table) ?? [])].flatMap(([place, column]) =>
        /^NULL::/.test(written[place - 1] ?? '') ? [`${table}.${column}`] : [],
      )
    })
}

function listNodes(node: z.infer<typeof Node>): readonly z.infer<typeof Node>[] {
  return [node, ...(node.Plans ?? []).flatMap(listNodes)]
}
