import { TidemarkError } from '../../diagnostic/tidemark-error.ts'
import { annotations } from './annotations.ts'
import { columns } from './columns.ts'
import { constraints } from './constraints.ts'
import { foreignData } from './foreign-data.ts'
import { functions } from './functions.ts'
import { indexes } from './indexes.ts'
import { namespaces } from './namespaces.ts'
import { operators } from './operators.ts'
import { FIRST_OWN_OID, OBJECT_COLUMNS, type ServerVersionNum } from './part.ts'
import { defaultPrivileges, PRIVILEGED, privileges } from './privileges.ts'
import { COMMON_TABLES, relations } from './relations.ts'
import { replication } from './replication.ts'
import { tableParts } from './table-parts.ts'
import { textSearch } from './text-search.ts'
import { types } from './types.ts'

/** The oldest server whose catalog is read. */
export const OLDEST_CATALOG_MAJOR = 14
/** The newest server whose catalog is known to be read whole. */
export const NEWEST_CATALOG_MAJOR = 18

/** Kinds of objects that few databases have, and the catalogs of which one has a row for each such object. */
const RARE_KINDS = {
  operators: ['pg_operator', 'pg_opclass', 'pg_opfamily', 'pg_am'],
  textSearch: [
    'pg_ts_config',
    'pg_ts_dict',
    'pg_ts_parser',
    'pg_ts_template',
    'pg_collation',
    'pg_conversion',
  ],
  foreignData: ['pg_foreign_data_wrapper', 'pg_foreign_server'],
  replication: ['pg_publication', 'pg_subscription', 'pg_event_trigger'],
} as const satisfies Readonly<Record<string, readonly string[]>>

/** Whether a database may have objects of each kind that is rare. */
export type RareKinds = Readonly<Record<keyof typeof RARE_KINDS, boolean>>

const EVERY_KIND: RareKinds = { operators: true, textSearch: true, foreignData: true, replication: true }

/** The query of what decides how {@link catalogQuery} is written: the server's `version`, and {@link RareKinds}. */
export const CATALOG_EXTENT_QUERY = `SELECT current_setting('server_version_num')::int AS version, ${Object.entries(
  RARE_KINDS,
)
  .map(([kind, catalogs]) => `${catalogs.map(hasOwnRow).join(' OR ')} AS "${kind}"`)
  .join(', ')}`

function hasOwnRow(catalog: string): string {
  return `EXISTS (SELECT FROM ${catalog} WHERE oid >= ${FIRST_OWN_OID})`
}

/**
 * Writes the one query that reads a catalog, for a version of the server. It has no parameters, returns
 * (kind, id, facet, value) as text, and expects the settings of {@link CATALOG_SETTINGS}: every name is then
 * qualified, and every value is written the same on every server.
 *
 * What PostgreSQL or an extension made is left out, except for privileges on it that were changed.
 *
 * @throws TidemarkError TM5060 for a server older than 14.
 * @example catalogQuery(180_004).startsWith('WITH ') // true
 */
export function catalogQuery(serverVersionNum: ServerVersionNum): string {
  return catalogQueryFor(serverVersionNum, EVERY_KIND)
}

/**
 * Writes {@link catalogQuery} without kinds that a database has none of: planning it costs more than running it.
 *
 * @throws TidemarkError TM5060 for a server older than 14.
 */
export function catalogQueryFor(serverVersionNum: ServerVersionNum, has: RareKinds): string {
  if (serverVersionNum < OLDEST_CATALOG_MAJOR * 10_000) {
    throw new TidemarkError({
      code: 'TM5060',
      message: `the schema of PostgreSQL ${Math.floor(serverVersionNum / 10_000)} cannot be read`,
      help: `it can be read from PostgreSQL ${OLDEST_CATALOG_MAJOR} on; nothing was checked`,
    })
  }
  const parts = [
    namespaces(serverVersionNum),
    relations(),
    columns(serverVersionNum),
    constraints(),
    indexes(),
    tableParts(),
    functions(),
    types(),
    ...(has.operators ? [operators()] : []),
    ...(has.textSearch ? [textSearch(serverVersionNum)] : []),
    ...(has.foreignData ? [foreignData()] : []),
    ...(has.replication ? [replication(serverVersionNum)] : []),
    defaultPrivileges(),
    privileges(),
    annotations(),
  ]
  const objects = parts.flatMap((part) => part.objects ?? [])
  const facets = parts.flatMap((part) => part.facets ?? [])
  return `WITH ${COMMON_TABLES}, object(${OBJECT_COLUMNS}) AS MATERIALIZED (
${objects.join('\nUNION ALL\n')}
), ${PRIVILEGED}
SELECT kind, id, facet, value FROM (
${facets.join('\nUNION ALL\n')}
) AS facets(kind, id, facet, value)`
}

/**
 * The settings under which the query is planned and run: what the server's text of an expression depends on.
 */
export const CATALOG_SETTINGS: Readonly<Record<string, string>> = {
  // A table for a session would come first where its schema is not named.
  search_path: 'pg_catalog, pg_temp',
  datestyle: 'ISO, MDY',
  intervalstyle: 'postgres',
  timezone: 'UTC',
  extra_float_digits: '3',
  bytea_output: 'hex',
  lc_monetary: 'C',
  standard_conforming_strings: 'on',
  quote_all_identifiers: 'off',
  xmlbinary: 'base64',
  jit: 'off',
}
