import { sql } from 'kysely'
import { type CompiledStatement, defineStatement } from '../../statement/compiled-statement.ts'
import { isListOf, isText } from '../schema/guard.ts'
import { oddities } from '../schema/oddities.ts'
import { schemaOid } from '../schema/schema-oid.ts'
import { COLUMNS, TRACKING_TABLES } from '../schema/tracking-schema.ts'

const OUR_NAMES = sql.join(TRACKING_TABLES.map((name) => sql.lit(name)))
const OUR_COLUMNS = sql.join(
  Object.values(COLUMNS).flatMap((columns) => Object.keys(columns).map((name) => sql.lit(name))),
)
const ON_TABLE = sql`|| ' on ' || n.nspname || '.' || c.relname`

/** What would keep this session from recording a migration, in words; a list as JSON, empty when nothing. */
const changes = (schema: Parameters<typeof sql.lit>[0]) => sql`(
  select coalesce(pg_catalog.json_agg(what order by what), '[]')::pg_catalog.text from (
    select ${sql.lit(schema)} || '.' || name || ' was dropped, renamed or moved' as what
      from pg_catalog.unnest(array[${OUR_NAMES}]) as name where not exists (
        select from pg_catalog.pg_class c
        where c.relnamespace = ${schemaOid(sql.lit(schema))} and c.relname = name and c.relkind = 'r')
    union all
    select found.what from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace, lateral (
      select 'FORCE ROW LEVEL SECURITY' ${ON_TABLE} as what where c.relforcerowsecurity and c.relrowsecurity
      union all select 'OWNER TO ' || pg_catalog.pg_get_userbyid(c.relowner) ${ON_TABLE}
        where not pg_catalog.pg_has_role(session_user, c.relowner, 'USAGE')
      union all select 'REPLICA IDENTITY NOTHING' ${ON_TABLE} where c.relreplident = 'n'
      union all select odd ${ON_TABLE} from pg_catalog.json_array_elements_text(${oddities}) as odd
      union all select 'column ' || pg_catalog.quote_ident(a.attname) ${ON_TABLE} from pg_catalog.pg_attribute a
        where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attnotnull and not a.atthasdef and a.attidentity = ''
          and a.attname not in (${OUR_COLUMNS})
    ) as found where c.relnamespace = ${schemaOid(sql.lit(schema))} and c.relname in (${OUR_NAMES})) as found)`

const selectChanges = defineStatement(({ schema }) => sql`select ${changes(schema)} as changes`)

const raiseChanges = defineStatement(
  ({
    schema,
  }) => sql`select case when changes <> '[]' then cast('TM changed ' || changes || ' TM' as integer) end
    from (select ${changes(schema)} as changes offset 0) as found`,
)

const raiseLostRow = defineStatement<{ readonly id: string; readonly lost: string }>(
  ({ schema, parameter }) => sql`select case when not exists (
    select from ${sql.id(schema, 'schema_migrations')} m where m.id = ${parameter('id', 'text')})
    then cast(${parameter('lost', 'text')} || pg_catalog.pg_backend_pid()::pg_catalog.text as integer) end`,
)

/**
 * Builds what raises inside a migration as soon as it has changed the tracking tables so that it cannot be
 * recorded: see {@link readTrackingChange}.
 */
export function trackingCheckStatements(schema: string, id: string): readonly CompiledStatement[] {
  const lost = JSON.stringify([`its row was deleted from ${schema}.schema_migrations`])
  return [raiseChanges(schema, {}), raiseLostRow(schema, { id, lost: `TM changed ${lost} TM` })]
}

/** Builds the query for the same of what is committed. Answers one row `{ changes }`, see {@link readChanges}. */
export function selectTrackingChanges(schema: string): CompiledStatement {
  return selectChanges(schema, {})
}

/**
 * Reads what a migration changed on the tracking tables from the error of {@link trackingCheckStatements};
 * undefined for any other error. The words around it are those of the server's language.
 */
export function readTrackingChange(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || error.code !== '22P02') return undefined
  return readChanges(/TM changed (\[.*\]) TM/s.exec(error.message)?.[1])
}

/** Puts the answer of {@link selectTrackingChanges} into words; undefined when nothing is changed. */
export function readChanges(json: string | undefined): string | undefined {
  const changes: unknown = JSON.parse(json ?? '[]')
  return isListOf(isText)(changes) && changes.length > 0 ? changes.join(', ') : undefined
}
