/** The number of a server's version as `server_version_num` has it, such as 180004. */
export type ServerVersionNum = number

/** What one idea, such as constraints, gives to the catalog query. */
export interface QueryPart {
  /**
   * SELECTs of the objects themselves, in the columns of {@link OBJECT_COLUMNS}: owner, privileges, comment
   * and security labels of every object are read from this list.
   */
  readonly objects?: readonly string[]
  /** SELECTs of (kind, id, facet, value). */
  readonly facets?: readonly string[]
}

/**
 * The columns of a row of `object`: where the server keeps it, what it is called, whose it is, its privileges
 * and those that it was made with. `initial_acl` is null where the object has no privileges.
 */
export const OBJECT_COLUMNS = 'class, oid, sub, kind, id, owner, acl, initial_acl'

/** Builds a SELECT of objects from one table of the catalog. */
export function objects(options: {
  /** The table of the catalog, such as `pg_proc`. */
  readonly class: string
  /** The object's own oid, such as `p.oid`. */
  readonly oid: string
  readonly sub?: string
  /** An expression. */
  readonly kind: string
  readonly id: string
  readonly owner?: string
  /** The column of its privileges, and what `acldefault` calls the kind of object. */
  readonly acl?: { readonly column: string; readonly letter: string }
  /** FROM and WHERE. */
  readonly from: string
}): string {
  const { owner = 'NULL', acl } = options
  const initial = acl === undefined ? 'NULL' : `acldefault(${acl.letter}, ${owner})`
  return `SELECT '${options.class}'::regclass::oid, ${options.oid}, ${options.sub ?? '0'}, (${options.kind})::text, (${options.id})::text,
    ${owner}::oid, ${acl?.column ?? 'NULL'}::aclitem[], ${initial}::aclitem[]
  ${options.from}`
}

/**
 * Builds a SELECT of facets from rows that have `kind` and `id`. Each value is cast to text: in a UNION whose
 * first branch is of type `name` the server would cut every value at 63 characters. What is null is left out.
 *
 * @param values SQL expressions by the name of their facet
 */
export function facets(values: Readonly<Record<string, string>>, from: string): string {
  const pairs = Object.entries(values).map(([name, value]) => `('${name}'::text, (${value})::text)`)
  return `SELECT kind::text, id::text, facet.name, facet.value
  FROM ${from}
  CROSS JOIN LATERAL (VALUES
    ${pairs.join(',\n    ')} OFFSET 0
  ) facet(name, value) WHERE facet.value IS NOT NULL`
}

/**
 * Builds the rows that {@link facets} takes, from one table of the catalog. `OFFSET 0` makes the server filter
 * them first: else it writes out functions and operator families of its own, only to leave them out.
 */
export function named(
  alias: string,
  options: { readonly kind: string; readonly id: string; readonly from: string },
): string {
  return `(SELECT ${alias}.*, (${options.kind})::text AS kind, (${options.id})::text AS id
  ${options.from} OFFSET 0) ${alias}`
}

/** The condition that an object is no part of an extension. */
export function isOwn(catalogTable: string, oid: string): string {
  return `NOT EXISTS (SELECT FROM member m WHERE m.class = '${catalogTable}'::regclass AND m.oid = ${oid})`
}

/** Objects that came with the database have smaller oids. */
export const FIRST_OWN_OID = 16_384
