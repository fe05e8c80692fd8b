import type { Connection } from '@tidemark/pg-driver/engine'
import { baseMs, medianOf, type Speed, type WorkSize } from './report/estimate-duration.ts'

const TABLE = 'pg_temp.tidemark_calibration'
const ROWS = 100_000

/** Work of each kind, on a table that has no index, then one. */
const WORK = [
  { kind: 'scan', indexes: 0, statement: `ALTER TABLE ${TABLE} ADD CHECK (amount >= 0)` },
  { kind: 'index_build', indexes: 0, statement: `CREATE INDEX ON ${TABLE} (amount)` },
  { kind: 'rewrite', indexes: 1, statement: `ALTER TABLE ${TABLE} ALTER COLUMN id TYPE bigint` },
] as const

/**
 * Measures how fast a server is: makes a temporary table of 100,000 rows, about 10 MB, and times a scan, an index
 * build and a rewrite of it. All of it is rolled back, and nobody else sees it.
 *
 * @param connection a session that may write
 * @throws what the server says, such as that it is read only, or that the role may make no temporary tables.
 * @example
 * const speed = await calibrate(connection)
 * const report = await rehearsePlan({ reader, plan, speed })
 */
export async function calibrate(connection: Connection): Promise<Speed> {
  await connection.query('BEGIN')
  try {
    await connection.query('SET LOCAL search_path = pg_catalog, pg_temp')
    await connection.query(`CREATE TEMPORARY TABLE tidemark_calibration AS
      SELECT g::int4 AS id, g::int8 * 7919 % 100003 AS amount, repeat('x', 60) AS note
      FROM pg_catalog.generate_series(1, ${ROWS}) g`)
    const factors: number[] = []
    for (const { kind, indexes, statement } of WORK) {
      const bytes = await sizeOf(connection)
      const size: WorkSize = { rows: ROWS, bytes, indexes }
      const startedAt = performance.now()
      await connection.query(statement)
      const base = baseMs({ kind, relation: size })
      if (base !== undefined) factors.push((performance.now() - startedAt) / base)
    }
    const factor = medianOf(factors)
    if (factor === undefined) throw new TypeError('each kind of work has a known size')
    return { factor, basis: { kind: 'calibrated' } }
  } finally {
    await connection.query('ROLLBACK')
  }
}

async function sizeOf(connection: Connection): Promise<number> {
  const { rows } = await connection.query<{ bytes: number }>(
    `SELECT pg_catalog.pg_table_size('${TABLE}')::float8 AS bytes`,
  )
  return rows[0]?.bytes ?? 0
}
