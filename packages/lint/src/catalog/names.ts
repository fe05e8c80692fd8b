/** A relation by its names as the server stores them, without quotes. */
export interface Named {
  readonly schema: string
  readonly name: string
}

/** One text for a relation, to look it up by. */
export function nameKey({ schema, name }: Named): string {
  return `${schema}\0${name}`
}

const IDENTIFIER = /"((?:[^"]|"")*)"|([^\s."(,)]+)/g

/**
 * Splits an id of the catalog, or a list of names, into names without quotes.
 *
 * @example splitIdentifiers('public."Order".id') // ['public', 'Order', 'id']
 */
export function splitIdentifiers(text: string): readonly string[] {
  return [...text.matchAll(IDENTIFIER)].map(
    ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '',
  )
}

/** Writes a name for people: quoted only where SQL needs it. */
export function shownName(name: string): string {
  return /^[a-z_][a-z0-9_$]*$/.test(name) && !RESERVED.has(name) ? name : `"${name.replaceAll('"', '""')}"`
}

/** Writes a relation for people and for SQL: without the schema where it is `public`. */
export function shownRelation({ schema, name }: Named): string {
  return schema === 'public' ? shownName(name) : `${shownName(schema)}.${shownName(name)}`
}

/** Keywords that are no names without quotes (manual, appendix C). */
const RESERVED: ReadonlySet<string> = new Set(
  `all analyse analyze and any array as asc asymmetric authorization binary both case cast check collate collation
  column concurrently constraint create cross current_catalog current_date current_role current_schema current_time
  current_timestamp current_user default deferrable desc distinct do else end except false fetch for foreign freeze
  from full grant group having ilike in initially inner intersect into is isnull join lateral leading left like limit
  localtime localtimestamp natural not notnull null offset on only or order outer overlaps placing primary references
  returning right select session_user similar some symmetric system_user table tablesample then to trailing true union
  unique user using variadic verbose when where window with`.split(/\s+/),
)
