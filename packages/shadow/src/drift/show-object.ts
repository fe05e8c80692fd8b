/** Queries that show an object, by its kind; the id is split into what they need. */
const QUERIES: Readonly<Record<string, (id: string) => string>> = {
  table: relation,
  'foreign table': relation,
  view: (id) => `SELECT pg_get_viewdef(${literal(id)}::regclass, true)`,
  'materialized view': (id) => `SELECT pg_get_viewdef(${literal(id)}::regclass, true)`,
  index: (id) =>
    `SELECT pg_get_indexdef(indexrelid), indisvalid FROM pg_index WHERE indexrelid = ${literal(id)}::regclass`,
  sequence: (id) => `SELECT * FROM pg_sequence WHERE seqrelid = ${literal(id)}::regclass`,
  column: (id) => {
    const [table, name] = splitLast(id, '.')
    return `SELECT format_type(a.atttypid, a.atttypmod), a.attnotnull, pg_get_expr(d.adbin, d.adrelid), a.attacl FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum WHERE a.attrelid = ${literal(table)}::regclass AND a.attname = ${literal(unquote(name))}`
  },
  constraint: part('pg_get_constraintdef(oid), convalidated', 'pg_constraint', 'conrelid', 'conname'),
  trigger: part('pg_get_triggerdef(oid), tgenabled', 'pg_trigger', 'tgrelid', 'tgname'),
  rule: part('pg_get_ruledef(oid), ev_enabled', 'pg_rewrite', 'ev_class', 'rulename'),
  policy: part('pg_get_expr(polqual, polrelid), *', 'pg_policy', 'polrelid', 'polname'),
  function: routine,
  procedure: routine,
  aggregate: (id) => `SELECT * FROM pg_aggregate WHERE aggfnoid = ${literal(id)}::regprocedure`,
  enum: (id) =>
    `SELECT enumlabel FROM pg_enum WHERE enumtypid = ${literal(id)}::regtype ORDER BY enumsortorder`,
  domain: (id) => `SELECT * FROM pg_type WHERE oid = ${literal(id)}::regtype`,
  schema: (id) => `SELECT * FROM pg_namespace WHERE nspname = ${literal(unquote(id))}`,
  extension: (id) => `SELECT * FROM pg_extension WHERE extname = ${literal(unquote(id))}`,
  publication: (id) => `SELECT * FROM pg_publication_tables WHERE pubname = ${literal(unquote(id))}`,
  'event trigger': (id) => `SELECT * FROM pg_event_trigger WHERE evtname = ${literal(unquote(id))}`,
}

/**
 * Writes a query that shows an object as the database has it; null for kinds without a short one.
 *
 * @example showObject('index', 'public.users_email_idx')
 */
export function showObject(kind: string, id: string): string | null {
  const write = Object.hasOwn(QUERIES, kind) ? QUERIES[kind] : undefined
  return write === undefined ? null : `${write(id)};`
}

function relation(id: string): string {
  return `SELECT relpersistence, reloptions, relrowsecurity, relforcerowsecurity, relreplident, relacl FROM pg_class WHERE oid = ${literal(id)}::regclass`
}

function routine(id: string): string {
  return `SELECT pg_get_functiondef(${literal(id)}::regprocedure)`
}

function part(shown: string, from: string, table: string, name: string): (id: string) => string {
  return (id) => {
    const [relationId, partName] = splitLast(id, ' ')
    return `SELECT ${shown} FROM ${from} WHERE ${table} = ${literal(relationId)}::regclass AND ${name} = ${literal(unquote(partName))}`
  }
}

/** Splits before the last name, which may be quoted. */
function splitLast(id: string, separator: string): readonly [string, string] {
  const [, name = ''] = new RegExp(`\\${separator}("(?:[^"]|"")*"|[^"]*?)$`).exec(id) ?? []
  const last = name.startsWith('"') ? name : name.slice(name.lastIndexOf(separator) + 1)
  return [id.slice(0, id.length - last.length - 1), last]
}

function unquote(name: string): string {
  return name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name
}

function literal(text: string): string {
  return text.includes('\\') ? `E'${escapeQuotes(text).replaceAll('\\', '\\\\')}'` : `'${escapeQuotes(text)}'`
}

const escapeQuotes = (text: string) => text.replaceAll("'", "''")
