import { type Catalog, readCatalog, scopeCatalog } from '@tidemark/core'
import type { RecordedHistory, TableColumns } from '@tidemark/import'
import { type Connection, pinSearchPath } from '@tidemark/pg-driver/engine'
import type { Shadow } from '@tidemark/shadow'

/** What a tool left on a scratch database. */
export interface LeftBehind {
  /** The schema, without the tool's own tables. */
  readonly catalog: Catalog
  /** Functions outside of the system's schemas. */
  readonly functions: ReadonlySet<string>
  /** A schema that has nothing but the tool's tables. */
  readonly ownSchema: string | undefined
}

/** Reads the schema that a tool left, without what is the tool's own. */
export async function readLeft(shadow: Shadow, history: RecordedHistory): Promise<LeftBehind> {
  const connection = await shadow.connect()
  try {
    const pinned = pinSearchPath(connection)
    const own = await readOwn(pinned, history)
    const used = await listUsedSchemas(pinned, own)
    const ownSchema = own
      .map(({ schema }) => schema)
      .find((schema) => schema !== 'public' && !used.has(schema))
    const catalog = await readCatalog(connection)
    return {
      catalog: scopeCatalog(catalog, {
        excludeObjects: own.map(({ id }) => id),
        excludeSchemas: ownSchema === undefined ? [] : [ownSchema],
      }),
      functions: await listFunctions(pinned),
      ownSchema,
    }
  } finally {
    await connection.close()
  }
}

/** Reads which columns the tables of a scratch database have, in their order. */
export async function listTables(shadow: Shadow): Promise<readonly TableColumns[]> {
  const connection = await shadow.connect()
  try {
    const { rows } = await pinSearchPath(connection).query<TableColumns>(
      `SELECT n.nspname::text AS schema, c.relname::text AS name,
              array_agg(a.attname::text ORDER BY a.attnum) AS columns
         FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
        WHERE c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped
          AND n.nspname NOT IN ('pg_catalog', 'information_schema')
        GROUP BY n.nspname, c.relname ORDER BY n.nspname, c.relname`,
    )
    return rows
  } finally {
    await connection.close()
  }
}

interface OwnTable {
  readonly schema: string
  /** As the catalog has it. */
  readonly id: string
}

/** The tool's tables, and the sequences that belong to them. */
async function readOwn(
  connection: Connection,
  { schema = '', name, known }: RecordedHistory,
): Promise<readonly OwnTable[]> {
  const names = [name, `${name}_lock`, ...(known.companions ?? [])]
  const { rows } = await connection.query<OwnTable>(
    `SELECT n.nspname::text AS schema, format('%I.%I', n.nspname, c.relname) AS id
       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') AND ($2 = '' OR n.nspname = $2)
        AND coalesce((SELECT t.relname FROM pg_depend d JOIN pg_class t ON t.oid = d.refobjid
                       WHERE c.relkind = 'S' AND d.classid = 'pg_class'::regclass AND d.objid = c.oid
                         AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i') LIMIT 1), c.relname)
          = ANY (string_to_array($1, E'\\n')) AND c.relkind IN ('r', 'p', 'S')`,
    [names.join('\n'), schema],
  )
  return rows
}

/** Schemas that have more than the tool's tables. */
async function listUsedSchemas(
  connection: Connection,
  own: readonly OwnTable[],
): Promise<ReadonlySet<string>> {
  const { rows } = await connection.query<{ schema: string }>(
    `SELECT DISTINCT n.nspname::text AS schema FROM pg_namespace n
      WHERE EXISTS (SELECT FROM pg_class c WHERE c.relnamespace = n.oid AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
               AND format('%I.%I', n.nspname, c.relname) <> ALL (string_to_array($1, E'\\n')))
         OR EXISTS (SELECT FROM pg_proc p WHERE p.pronamespace = n.oid)
         OR EXISTS (SELECT FROM pg_type t WHERE t.typnamespace = n.oid AND t.typtype IN ('e', 'd'))`,
    [own.map(({ id }) => id).join('\n')],
  )
  return new Set(rows.map(({ schema }) => schema))
}

async function listFunctions(connection: Connection): Promise<ReadonlySet<string>> {
  const { rows } = await connection.query<{ name: string }>(
    `SELECT DISTINCT p.proname::text AS name FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
      WHERE n.nspname NOT IN ('pg_catalog', 'information_schema')`,
  )
  return new Set(rows.map(({ name }) => name))
}
