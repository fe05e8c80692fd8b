import type { CatalogSession } from '@tidemark/core'
import type { ReportDocument } from '@tidemark/report'
import * as z from 'zod'

/**
 * The largest tables by what the server last estimated: it takes no lock and reads no table. Every name and operator
 * is PostgreSQL's own, whatever the search_path says.
 */
const LARGEST = `SELECT pg_catalog.format('%I.%I', n.nspname, c.relname) AS name, c.reltuples::pg_catalog.float8 AS rows,
  (c.relpages::pg_catalog.int8 OPERATOR(pg_catalog.*) pg_catalog.current_setting('block_size')::pg_catalog.int8)::pg_catalog.float8 AS bytes
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
WHERE c.relkind OPERATOR(pg_catalog.=) ANY ('{r,m}'::pg_catalog."char"[]) AND c.relpages OPERATOR(pg_catalog.>) 0
  AND n.nspname OPERATOR(pg_catalog.!~) '^pg_' AND n.nspname OPERATOR(pg_catalog.<>) 'information_schema'
ORDER BY c.relpages USING OPERATOR(pg_catalog.>), n.nspname USING OPERATOR(pg_catalog.<), c.relname USING OPERATOR(pg_catalog.<) LIMIT 20`

const RowSchema = z.object({ name: z.string(), rows: z.number(), bytes: z.number() })

/** Lists the largest tables of a database, by estimate. */
export async function readTables(session: CatalogSession): Promise<ReportDocument['tables']> {
  const { rows } = await session.query(LARGEST)
  return rows.map((row) => RowSchema.parse(row))
}
