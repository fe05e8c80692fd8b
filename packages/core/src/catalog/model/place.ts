import type { CatalogObject } from './catalog.ts'

/** Kinds whose objects are in no schema. */
const WITHOUT_SCHEMA: ReadonlySet<string> = new Set([
  'access method',
  'cast',
  'event trigger',
  'extension',
  'foreign-data wrapper',
  'language',
  'publication',
  'server',
  'subscription',
  'transform',
  'user mapping',
])

/** Kinds whose id begins with that of the relation or type that they are a part of. */
const PARTS: ReadonlySet<string> = new Set([
  'attribute',
  'column',
  'constraint',
  'domain constraint',
  'policy',
  'rule',
  'trigger',
])

/** Kinds that have parts, beside schemas and constraints. */
const WHOLES = [
  'table',
  'view',
  'materialized view',
  'foreign table',
  'sequence',
  'composite type',
  'domain',
] as const

/** `on function pg_catalog.abs(integer)` */
const ON_KIND = /^on (?:materialized |foreign |foreign-data )?\S+ /

const QUALIFIED_NAME = /(?:"(?:[^"]|"")*"|[^\s,."]+)\.(?:"(?:[^"]|"")*"|[^\s,."]+)/g

const IDENTIFIER = /"(?:[^"]|"")*"|[^\s."(]+/y

/**
 * Gives the schema that an object is in, as it is written in ids; null for one of the whole database.
 *
 * @example schemaOf({ kind: 'column', id: 'public."Order".id', facets: new Map() }) // 'public'
 */
export function schemaOf(object: Pick<CatalogObject, 'kind' | 'id'>): string | null {
  if (WITHOUT_SCHEMA.has(object.kind)) return null
  if (object.kind === 'default privileges') return schemaOfDefaults(object.id)
  const id = object.kind === 'privileges' ? object.id.replace(ON_KIND, '') : object.id
  const [first = ''] = leadingNames(id, 1)
  return first
}

/**
 * Tells whether an object is written as a part of its relation or type, as a column or a trigger is, and has no
 * name in a schema.
 *
 * @example isPart({ kind: 'trigger' }) // true
 */
export function isPart({ kind }: Pick<CatalogObject, 'kind'>): boolean {
  return PARTS.has(kind)
}

/**
 * Gives the id of the relation or type that an object is a part of, such as a column's or an index's table;
 * null for what is no part.
 *
 * @example wholeOf({ kind: 'trigger', id: 'public.users audit', facets: new Map() }) // 'public.users'
 */
export function wholeOf(object: CatalogObject): string | null {
  if (isPart(object)) return leadingNames(object.id, 2).join('.')
  const column = owningColumn(object)
  return column === null ? (object.facets.get('table') ?? null) : leadingNames(column, 2).join('.')
}

/**
 * Lists the keys of all that an object goes with, the largest last: the parents of a partition, what it is
 * attached to in a partitioned table, its constraint, column, table, schema.
 *
 * @example listWholes({ kind: 'function', id: 'app.f()', facets: new Map() }) // ['schema app']
 */
export function listWholes(object: CatalogObject): readonly string[] {
  const attached = object.facets.get('attached to')
  const parents = object.facets.get('inherits')?.match(QUALIFIED_NAME) ?? []
  const constraint = object.facets.get('constraint')
  const column = owningColumn(object)
  const whole = wholeOf(object)
  const schema = object.kind === 'schema' ? null : schemaOf(object)
  return [
    ...parents.flatMap((parent) => [`table ${parent}`, `foreign table ${parent}`]),
    ...(attached === undefined ? [] : [`${object.kind} ${attached}`]),
    ...(constraint === undefined ? [] : [`constraint ${constraint}`]),
    ...(column === null ? [] : [`column ${column}`]),
    ...(whole === null ? [] : WHOLES.map((kind) => `${kind} ${whole}`)),
    ...(schema === null ? [] : [`schema ${schema}`]),
  ]
}

/** Of a sequence. */
function owningColumn({ facets }: CatalogObject): string | null {
  return facets.get('identity of') ?? facets.get('owned by') ?? null
}

/** Splits a list of names as the catalog writes it. */
export function splitNames(list: string): readonly string[] {
  return list.match(/"(?:[^"]|"")*"|[^\s,]+/g) ?? []
}

/** `for app in public on tables`, where the role may be quoted. */
function schemaOfDefaults(id: string): string | null {
  const words = id.match(/"(?:[^"]|"")*"|\S+/g) ?? []
  return words[2] === 'in' ? (words[3] ?? null) : null
}

/** The first names of an id, each as it is written there. */
function leadingNames(id: string, count: number): readonly string[] {
  const names: string[] = []
  let at = 0
  while (names.length < count) {
    IDENTIFIER.lastIndex = at
    const [name] = IDENTIFIER.exec(id) ?? []
    if (name === undefined) break
    names.push(name)
    at += name.length + 1
  }
  return names
}
