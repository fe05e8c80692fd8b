import { annotations } from './annotations.ts'
import { columns } from './columns.ts'
import { constraints } from './constraints.ts'
import { foreignData } from './foreign-data.ts'
import { functions } from './functions.ts'
import { indexes } from './indexes.ts'
import { namespaces } from './namespaces.ts'
import { operators } from './operators.ts'
import { OBJECT_COLUMNS, type ServerVersionNum } from './part.ts'
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

/**
 * Writes the one query that reads a catalog, for a version of the server. It has no parameters, returns
 * (kind, id, facet, value) as text, and expects the settings of {@link CATALOG_SETTINGS}: every name is then
 * qualified, and every value is written the same on every server.
 *
 * What PostgreSQL or an extension made is left out, except for privileges on it that were changed.
 *
 * @throws TypeError for a server older than 14.
 * @example catalogQuery(180_004).startsWith('WITH ') // true
 */
export function catalogQuery(serverVersionNum: ServerVersionNum): string {
  if (serverVersionNum < OLDEST_CATALOG_MAJOR * 10_000) {
    throw new TypeError(`the catalog of a server ${serverVersionNum} cannot be read: it is older than 14`)
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
    operators(),
    textSearch(serverVersionNum),
    foreignData(),
    replication(serverVersionNum),
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
  search_path: 'pg_catalog',
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
