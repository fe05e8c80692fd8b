import { sha256Hex } from '../../checksum/checksum.ts'
import type { Catalog, CatalogRow } from '../model/catalog.ts'
import { type ToCatalogOptions, toCatalog } from '../model/to-catalog.ts'
import { CATALOG_EXTENT_QUERY, CATALOG_SETTINGS, catalogQueryFor } from '../query/catalog-query.ts'
import type { CatalogSession } from './catalog-session.ts'

/** Options of {@link readCatalog}. */
export interface ReadCatalogOptions extends ToCatalogOptions {
  /**
   * `own` (default) reads in a transaction of its own, read only, of one snapshot; `caller` reads within the
   * transaction that the session is in, which sees what it has not committed, and leaves its settings alone.
   * `begun` reads within a transaction that the caller began to read and will roll back: it sends SELECT alone,
   * prepares nothing, and its settings last until the end.
   */
  readonly transaction?: 'own' | 'caller' | 'begun'
}

const settings = Object.entries(CATALOG_SETTINGS)
  .map(([name, value]) => `set_config('${name}', '${value}', true)`)
  .join(', ')
const PIN = `SELECT ${settings.replaceAll('set_config', 'pg_catalog.set_config')}`

const TRANSACTIONS = {
  own: { begin: ['BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY'], end: ['ROLLBACK'] },
  caller: {
    begin: ['SAVEPOINT tidemark_catalog'],
    end: ['ROLLBACK TO SAVEPOINT tidemark_catalog', 'RELEASE SAVEPOINT tidemark_catalog'],
  },
  begun: { begin: [], end: [] },
} as const

/**
 * Reads the catalog of a database. The query is prepared once a session, as planning it costs more than
 * running it; it leaves out the kinds of objects that the database has none of. Nothing is changed: settings last
 * for the reading alone.
 *
 * @throws TidemarkError TM5060 when the server is older than PostgreSQL 14.
 * @example
 * // `client` is a connected client of `pg`, or a PGlite
 * const catalog = await readCatalog(client)
 * for (const { kind, id } of catalog.objects.values()) console.log(`${kind} ${id}`)
 */
export async function readCatalog(
  session: CatalogSession,
  options: ReadCatalogOptions = {},
): Promise<Catalog> {
  return toCatalog(await readCatalogRows(session, options), options)
}

/** Reads the rows as the server gives them: option values may be passwords. */
async function readCatalogRows(
  session: CatalogSession,
  { transaction = 'own' }: ReadCatalogOptions,
): Promise<readonly CatalogRow[]> {
  const { begin, end } = TRANSACTIONS[transaction]
  const { ExtentSchema, RowsSchema } = await import('./catalog-schemas.ts')
  for (const statement of begin) await session.query(statement)
  try {
    await session.query(PIN)
    const { version, ...has } = ExtentSchema.parse((await session.query(CATALOG_EXTENT_QUERY)).rows[0])
    const query = catalogQueryFor(version, has)
    const { rows } = await session.query(
      transaction === 'begun' ? select(query) : await prepare(session, query),
    )
    return RowsSchema.parse(rows)
  } finally {
    for (const statement of end) await session.query(statement)
  }
}

/** A statement that begins with SELECT, for those who read the log of the server. */
function select(query: string): string {
  return `SELECT kind, id, facet, value FROM (${query}) AS catalog`
}

/**
 * Prepares the query unless this session has it: a `DISCARD` or a pooler may have taken it away.
 *
 * @returns what executes it
 */
async function prepare(session: CatalogSession, query: string): Promise<string> {
  const name = `tidemark_catalog_${sha256Hex(query).slice(0, 16)}`
  const { rows } = await session.query(`SELECT 1 FROM pg_prepared_statements WHERE name = '${name}'`)
  if (rows.length === 0) await session.query(`PREPARE ${name} AS ${query}`)
  return `EXECUTE ${name}`
}
