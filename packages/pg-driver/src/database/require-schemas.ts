import { isSpecialSchema, quoteIdentifier, readSearchPathSetting, TidemarkError } from '@tidemark/core'
import type { Connection } from '../connection/connection.ts'
import type { EngineSettings } from '../options/engine-settings.ts'
import { writeShared } from '../statement/write-shared.ts'

type SchemaSettings = Pick<EngineSettings, 'schema' | 'searchPath' | 'createSchema'>

interface SchemaRow {
  readonly name: string
  readonly database: string
  readonly role: string
  /** Null where it does not exist. */
  readonly usable: boolean | null
}

const FIND = `SELECT s.name, pg_catalog.current_database()::pg_catalog.text AS database,
    current_user::pg_catalog.text AS role,
    pg_catalog.has_schema_privilege(n.oid, 'USAGE') AS usable
  FROM pg_catalog.json_array_elements_text($1::pg_catalog.json) WITH ORDINALITY AS s(name, place)
  LEFT JOIN pg_catalog.pg_namespace n ON n.nspname = s.name ORDER BY s.place`

/**
 * Makes sure that every schema of the search path exists and may be used: the server passes over those that do
 * not, and what a file creates would land in the next one.
 *
 * @returns the missing ones that a run creates
 * @throws TidemarkError TM7041.
 */
export async function requireSchemas(
  connection: Connection,
  settings: SchemaSettings,
): Promise<readonly string[]> {
  const { schema, createSchema } = settings
  if (settings.searchPath === null && !createSchema) return []
  const inUrl = settings.searchPath === null ? (searchPathOf(connection, settings) ?? []) : []
  const named = (searchPathOf(connection, settings) ?? []).filter((name) => !isSpecialSchema(name))
  const own = new Set([schema, ...named.slice(0, 1)])
  const parameters = [JSON.stringify([...new Set([...named, schema])])]
  const { rows } = await connection.query<SchemaRow>(writeShared(connection, { sql: FIND, parameters }))
  const missing = rows.filter(({ usable }) => usable === null)
  const creatable = missing.filter(({ name }) => own.has(name))
  const wrong = createSchema ? missing.filter(({ name }) => !own.has(name)) : missing
  if (wrong.length > 0) throw missingSchemas(wrong, settings, { creatable, inUrl })
  const unusable = rows.filter(({ name, usable }) => usable === false && named.includes(name))
  if (unusable.length > 0) throw unusableSchemas(unusable)
  return creatable.map(({ name }) => name)
}

/** Gives the search path that the settings ask for, or else the URL; undefined where neither does. */
export function searchPathOf(
  { wantedSettings }: Connection,
  { searchPath }: Pick<EngineSettings, 'searchPath'>,
): readonly string[] | undefined {
  if (searchPath !== null) return searchPath
  const setting = wantedSettings?.required.findLast(([name]) => name.toLowerCase() === 'search_path')
  return setting === undefined ? undefined : readSearchPathSetting(setting[1])
}

function missingSchemas(
  missing: readonly SchemaRow[],
  { schema, searchPath }: SchemaSettings,
  { creatable, inUrl }: { readonly creatable: readonly SchemaRow[]; readonly inUrl: readonly string[] },
): TidemarkError {
  const isInUrl = missing.every(({ name }) => inUrl.includes(name))
  const isOfTables =
    !isInUrl && missing.every(({ name }) => name === schema && searchPath?.includes(name) !== true)
  const place = isInUrl
    ? 'search path that the database URL sets (schema, currentSchema, search_path or options)'
    : isOfTables
      ? 'tracking tables'
      : 'search path'
  const [be, them] = missing.length === 1 ? ['does', 'it'] : ['do', 'them']
  const isCreated = missing.every((row) => creatable.includes(row))
  return new TidemarkError({
    code: 'TM7041',
    message: `the ${listOf(missing)} of the ${place} ${be} not exist in database "${missing[0]?.database}"`,
    help: isCreated
      ? `correct the name, or create ${them}: run \`tidemark up --create-schema\` (createSchema)`
      : `correct the name, or create ${them}: ${missing.map(({ name }) => `CREATE SCHEMA ${quoteIdentifier(name)}`).join('; ')}`,
    details: { schemas: missing.map(({ name }) => name) },
  })
}

function unusableSchemas(unusable: readonly SchemaRow[]): TidemarkError {
  return new TidemarkError({
    code: 'TM7041',
    message: `"${unusable[0]?.role}" may not use the ${listOf(unusable)} of the search path: the server would pass over ${unusable.length === 1 ? 'it' : 'them'}`,
    help: `as the owner: ${unusable.map(({ name }) => `GRANT USAGE, CREATE ON SCHEMA ${quoteIdentifier(name)} TO ${quoteIdentifier(unusable[0]?.role ?? '')}`).join('; ')}`,
    details: { schemas: unusable.map(({ name }) => name) },
  })
}

function listOf(schemas: readonly SchemaRow[]): string {
  const names = schemas.map(({ name }) => `"${name}"`)
  const last = names.pop()
  return names.length === 0 ? `schema ${last}` : `schemas ${names.join(', ')} and ${last}`
}
