import type { Connection } from '@tidemark/pg-driver/engine'
import type { Shadow } from '../../port/shadow.ts'

/**
 * Asks `plpgsql_check`, where the shadow has it, what is wrong with the bodies of PL/pgSQL functions. A function of a
 * trigger is looked at with the table of each of its triggers.
 *
 * @returns the errors of each function, by its id in a catalog; a function that was not looked at is not in it.
 *   Undefined without the extension.
 */
export async function checkBodies(
  shadow: Shadow,
): Promise<ReadonlyMap<string, readonly string[]> | undefined> {
  return shadow.inRolledBackTransaction(async (connection) => {
    const [found] = (await connection.query<{ name: string }>(CHECKER)).rows
    if (found === undefined) return undefined
    const bodies = new Map<string, readonly string[]>()
    for (const one of (await connection.query<Body>(BODIES)).rows) {
      const errors = await checkOne(connection, found.name, one)
      if (errors !== undefined) bodies.set(one.id, [...new Set([...(bodies.get(one.id) ?? []), ...errors])])
    }
    return bodies
  })
}

interface Body {
  readonly id: string
  readonly oid: string
  readonly table: string
}

/** The extension is known by its function: it has another one that takes a name. */
const CHECKER = `SELECT pg_catalog.format('%I.%I', n.nspname, p.proname) AS name
  FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) p.pronamespace
  WHERE p.proname OPERATOR(pg_catalog.=) 'plpgsql_check_function_tb'
    AND p.proargtypes[0] OPERATOR(pg_catalog.=) 'pg_catalog.regprocedure'::pg_catalog.regtype LIMIT 1`

const BODIES = `SELECT DISTINCT pg_catalog.format('%I.%I(%s)', n.nspname, p.proname, pg_catalog.oidvectortypes(p.proargtypes)) AS id,
    p.oid::pg_catalog.text AS oid, COALESCE(t.tgrelid, 0)::pg_catalog.text AS "table"
  FROM pg_catalog.pg_proc p
  JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) p.pronamespace
  JOIN pg_catalog.pg_language l ON l.oid OPERATOR(pg_catalog.=) p.prolang AND l.lanname OPERATOR(pg_catalog.=) 'plpgsql'
  LEFT JOIN pg_catalog.pg_trigger t ON t.tgfoid OPERATOR(pg_catalog.=) p.oid AND NOT t.tgisinternal
  WHERE p.oid OPERATOR(pg_catalog.>=) 16384::pg_catalog.oid
    AND p.prorettype OPERATOR(pg_catalog.<>) 'pg_catalog.event_trigger'::pg_catalog.regtype
    AND (p.prorettype OPERATOR(pg_catalog.<>) 'pg_catalog.trigger'::pg_catalog.regtype OR t.tgrelid IS NOT NULL)
  ORDER BY id`

/** Undefined where it cannot be looked at. */
async function checkOne(
  connection: Connection,
  checker: string,
  { oid, table }: Body,
): Promise<readonly string[] | undefined> {
  await connection.query('SAVEPOINT tidemark_body')
  try {
    const { rows } = await connection.query<{ message: string }>(
      `SELECT message FROM ${checker}(funcoid => ${oid}::pg_catalog.regprocedure, relid => ${table}::pg_catalog.regclass, fatal_errors => false) WHERE level OPERATOR(pg_catalog.=) 'error'`,
    )
    return rows.map(({ message }) => message)
  } catch {
    await connection.query('ROLLBACK TO SAVEPOINT tidemark_body')
    return undefined
  } finally {
    await connection.query('RELEASE SAVEPOINT tidemark_body')
  }
}
