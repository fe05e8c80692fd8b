import { isBoolean, isNullOr, isRecordOf, isText } from '../tracking/schema/guard.ts'

/** What is known of the object that an error is about. */
export interface OwnerQuestion {
  /** The error's own words, in whatever language: the object's name is among them. */
  readonly message: string
  /** Names that the object may have. */
  readonly names: readonly string[]
  /** In the words of the server, where they are known. */
  readonly kind: string | undefined
  /** The role of the header. */
  readonly role: string | null
}

/** Tells whether an answer is that of {@link selectOwner}. */
export const isFoundOwner = isRecordOf({
  connected: isText,
  database: isText,
  kind: isNullOr(isText),
  name: isNullOr(isText),
  /** Who can act for it: in place of `pg_database_owner`, who can neither log in nor be granted, the owner. */
  owner: isNullOr(isText),
  isDatabaseOwner: isBoolean,
  /** The acting role may become the owner by SET ROLE. */
  member: isBoolean,
  /** It has the owner's privileges without that. */
  inherits: isBoolean,
})

/** See {@link isFoundOwner}. */
export type FoundOwner = typeof isFoundOwner extends (value: unknown) => value is infer T ? T : never

const RELATION_KIND = `CASE x.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'S' THEN 'sequence'
  WHEN 'f' THEN 'foreign table' WHEN 'i' THEN 'index' ELSE 'table' END`
const ROUTINE_KIND = `CASE x.prokind WHEN 'p' THEN 'procedure' WHEN 'a' THEN 'aggregate' ELSE 'function' END`

/** The objects of a database by name, with what they are, who owns them, and which is meant first. */
const OBJECTS = [
  `SELECT 'relation' AS class, ${RELATION_KIND} AS kind, x.relname AS name, x.relowner AS owner, pg_catalog.pg_table_is_visible(x.oid) AS visible FROM pg_catalog.pg_class x`,
  `SELECT 'schema', 'schema', x.nspname, x.nspowner, true FROM pg_catalog.pg_namespace x`,
  `SELECT 'routine', ${ROUTINE_KIND}, x.proname, x.proowner, pg_catalog.pg_function_is_visible(x.oid) FROM pg_catalog.pg_proc x`,
  `SELECT 'type', 'type', x.typname, x.typowner, pg_catalog.pg_type_is_visible(x.oid) FROM pg_catalog.pg_type x WHERE x.typrelid OPERATOR(pg_catalog.=) 0`,
  `SELECT 'database', 'database', x.datname, x.datdba, true FROM pg_catalog.pg_database x`,
]

function classOf(kind: string): string {
  if (kind === 'schema' || kind === 'database') return kind
  if (['function', 'procedure', 'aggregate', 'routine'].includes(kind)) return 'routine'
  return kind === 'type' || kind === 'domain' ? 'type' : 'relation'
}

/**
 * Writes the query for who owns what an error is about. Which of several objects of a name is meant says the
 * search_path: so it stays, and operators name their schema. Schemas of the path count as named.
 */
export function selectOwner({ message, names, kind, role }: OwnerQuestion): string {
  const acting = role === null ? 'current_user' : quote(role)
  const equals = 'OPERATOR(pg_catalog.=)'
  const named = `o.name ${equals} ANY (ARRAY[${names.map(quote).join(', ')}]::pg_catalog.name[])`
  const inPath = `o.class ${equals} 'schema' AND o.name ${equals} ANY (pg_catalog.current_schemas(false))`
  const among = kind === undefined ? `(${named} OR ${inPath})` : named
  const first = kind === undefined ? '' : `(o.class ${equals} ${quote(classOf(kind))}) DESC, `
  return `SELECT current_user::pg_catalog.text AS connected, pg_catalog.current_database()::pg_catalog.text AS database,
      o.kind, o.name::pg_catalog.text AS name, r.rolname::pg_catalog.text AS owner, COALESCE(o.is_database_owner, false) AS "isDatabaseOwner",
      COALESCE(pg_catalog.pg_has_role(${acting}, r.oid, 'MEMBER'), false) AS member,
      COALESCE(pg_catalog.pg_has_role(${acting}, r.oid, 'USAGE'), false) AS inherits
    FROM (SELECT 1) AS one LEFT JOIN LATERAL (
      SELECT o.kind, o.name, d.oid IS NOT NULL AS is_database_owner, COALESCE(d.datdba, o.owner) AS owner
      FROM (${OBJECTS.join(' UNION ALL ')}) AS o
      LEFT JOIN pg_catalog.pg_database d ON d.datname ${equals} pg_catalog.current_database()
        AND o.owner ${equals} (SELECT p.oid FROM pg_catalog.pg_roles p WHERE p.rolname ${equals} 'pg_database_owner')
      WHERE ${among} AND pg_catalog.strpos(${quote(message)}, o.name::pg_catalog.text) OPERATOR(pg_catalog.>) 0
      ORDER BY ${first}o.visible DESC, pg_catalog.length(o.name::pg_catalog.text) DESC LIMIT 1) AS o ON true
    LEFT JOIN pg_catalog.pg_roles r ON r.oid ${equals} o.owner`
}

function quote(text: string): string {
  return `E'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`
}
