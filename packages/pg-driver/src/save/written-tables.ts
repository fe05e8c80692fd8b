import type { Connection } from '../connection/connection.ts'
import { sendMessage } from '../connection/send-message.ts'

/**
 * A table whose rows a statement writes, as the server planned it: views, rules, CTEs and partitions are
 * resolved.
 */
export interface WrittenTable {
  readonly schema: string
  readonly name: string
  /** `overwrite`: UPDATE without any condition. */
  readonly manner: 'delete' | 'overwrite' | 'update' | 'merge'
}

/** Asks the server which tables a statement writes, where and as it would run now. Runs nothing. */
export async function explainWrites(
  connection: Connection,
  statement: string,
): Promise<readonly WrittenTable[]> {
  const answers = await sendMessage(connection, `EXPLAIN (VERBOSE, COSTS OFF, FORMAT JSON) ${statement}`)
  const rows = answers.flatMap((answer) => answer.rows)
  return rows.flatMap((row) => Object.values(row).flatMap((plan) => [...writesIn(plan)]))
}

function* writesIn(node: unknown): Generator<WrittenTable> {
  if (typeof node !== 'object' || node === null) return
  const plan = Array.isArray(node) ? {} : { ...node }
  if ('Node Type' in plan && plan['Node Type'] === 'ModifyTable') yield* targetsOf(plan)
  for (const child of Object.values(node)) yield* writesIn(child)
}

function* targetsOf(plan: Readonly<Record<string, unknown>>): Generator<WrittenTable> {
  const manner = mannerOf(plan)
  if (manner === undefined) return
  const more = plan['Target Tables']
  for (const target of [plan, ...(Array.isArray(more) ? more : [])]) {
    const { Schema: schema, 'Relation Name': name } = target
    if (typeof schema === 'string' && typeof name === 'string') yield { schema, name, manner }
  }
}

function mannerOf(plan: Readonly<Record<string, unknown>>): WrittenTable['manner'] | undefined {
  switch (plan['Operation']) {
    case 'Delete':
      return 'delete'
    case 'Merge':
      return 'merge'
    case 'Update':
      return hasCondition(plan['Plans']) ? 'update' : 'overwrite'
    default:
      return plan['Conflict Resolution'] === 'UPDATE' ? 'update' : undefined
  }
}

function hasCondition(node: unknown): boolean {
  if (typeof node !== 'object' || node === null) return false
  return Object.entries(node).some(([key, value]) => /(?:Filter|Cond)$/.test(key) || hasCondition(value))
}

/**
 * Finds the tables whose rows change with these: those themselves, and those that foreign keys with CASCADE,
 * SET NULL and SET DEFAULT lead to. With own settings only.
 *
 * @returns oids.
 */
export async function followForeignKeys(
  connection: Connection,
  tables: readonly WrittenTable[],
): Promise<readonly string[]> {
  const { rows } = await connection.query<{ oid: string }>(FOLLOW, [JSON.stringify(tables)])
  return rows.map(({ oid }) => oid)
}

const FOLLOW = `WITH RECURSIVE hit(oid, manner) AS (
    SELECT c.oid, t.manner
    FROM json_to_recordset($1::json) AS t(schema text, name text, manner text)
    JOIN pg_namespace n ON n.nspname = t.schema
    JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = t.name
    UNION
    SELECT p.oid, CASE WHEN action.kind = 'c' AND hit.manner IN ('delete', 'merge') THEN 'delete' ELSE 'overwrite' END
    FROM hit JOIN pg_constraint k ON k.contype = 'f' AND k.confrelid = hit.oid
    CROSS JOIN LATERAL (SELECT CASE WHEN hit.manner IN ('delete', 'merge') THEN k.confdeltype ELSE k.confupdtype END) AS action(kind)
    CROSS JOIN LATERAL (SELECT k.conrelid UNION SELECT relid FROM pg_partition_tree(k.conrelid)) AS p(oid)
    WHERE hit.manner <> 'update' AND action.kind IN ('c', 'n', 'd')
  )
  SELECT DISTINCT oid::text AS oid FROM hit`
