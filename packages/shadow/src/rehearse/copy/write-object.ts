import type { Catalog, CatalogObject } from '@tidemark/core'

/** Writes the statements that make an object; none for a kind that cannot be written from the catalog alone. */
type Writer = (object: CatalogObject, catalog: Catalog) => readonly string[]

const facet = ({ facets }: CatalogObject, name: string) => facets.get(name)

/** What follows a word where it is known. */
const after = (word: string, value: string | undefined) => (value === undefined ? '' : ` ${word}${value}`)

/** The kinds in the order in which they are made, for what is there before what needs it. */
const WRITERS: Readonly<Record<string, Writer>> = {
  schema: ({ id }) => [`CREATE SCHEMA ${id}`],
  extension: (object) => [
    `CREATE EXTENSION IF NOT EXISTS ${object.id}${after('WITH SCHEMA ', facet(object, 'schema'))} CASCADE`,
  ],
  enum: (object) => [
    `CREATE TYPE ${object.id} AS ENUM (${facet(object, 'labels') === 'none' ? '' : facet(object, 'labels')})`,
  ],
  domain: (object) => [
    `CREATE DOMAIN ${object.id} AS ${facet(object, 'type')}${after('COLLATE ', facet(object, 'collation'))}${after('DEFAULT ', facet(object, 'default'))}${facet(object, 'not null') === undefined ? '' : ' NOT NULL'}`,
  ],
  'domain constraint': (object) => {
    const { whole, name } = splitPart(object.id)
    return [`ALTER DOMAIN ${whole} ADD CONSTRAINT ${name} ${facet(object, 'definition')}`]
  },
  'composite type': ({ id }, catalog) => [`CREATE TYPE ${id} AS (${columnsOf(id, catalog).join(', ')})`],
  sequence: writeSequence,
  table: writeTable,
  constraint: writeConstraint,
  index: writeIndex,
  function: writeRoutine,
  procedure: writeRoutine,
  view: (object) => [`CREATE VIEW ${object.id}${viewOptions(object)} AS ${facet(object, 'query')}`],
  'materialized view': (object) => [`CREATE MATERIALIZED VIEW ${object.id} AS ${facet(object, 'query')}`],
  trigger: writeTrigger,
  rule: (object) => [facet(object, 'definition') ?? ''],
  policy: writePolicy,
}

/** The kinds that {@link writeObject} makes, those first that others need. */
export const WRITTEN_KINDS: readonly string[] = Object.keys(WRITERS)

/**
 * Writes the statements that make an object of a catalog, with the columns and privileges that belong to it. What
 * the catalog does not tell, such as operators and foreign servers, gives no statement.
 *
 * @example writeObject({ kind: 'schema', id: 'sales', facets: new Map() }, catalog) // ['CREATE SCHEMA sales']
 */
export function writeObject(object: CatalogObject, catalog: Catalog): readonly string[] {
  const write = Object.hasOwn(WRITERS, object.kind) ? WRITERS[object.kind] : undefined
  if (write === undefined) return []
  const made = write(object, catalog)
  return made.length === 0 ? [] : [...made, ...writePrivileges(object)]
}

/** Splits the id of a part, such as `public.users users_pkey`, into its whole and its name. */
export function splitPart(id: string): { readonly whole: string; readonly name: string } {
  const [, whole = '', name = ''] = /^(.*) ("(?:[^"]|"")*"|[^ ]*)$/s.exec(id) ?? []
  return { whole, name }
}

/** Splits the id of a column into its table and its name. */
export function splitColumn(id: string): { readonly whole: string; readonly name: string } {
  const [, whole = '', name = ''] = /^(.*)\.("(?:[^"]|"")*"|[^."]*)$/s.exec(id) ?? []
  return { whole, name }
}

/** Writes one column as CREATE TABLE and ADD COLUMN take it. */
export function writeColumn(column: CatalogObject): string {
  const { name } = splitColumn(column.id)
  const generated = /^(stored|virtual) (.*)$/s.exec(facet(column, 'generated') ?? '')
  const identity = facet(column, 'identity')
  return [
    `${name} ${facet(column, 'type')}`,
    after('COLLATE ', facet(column, 'collation')),
    after('DEFAULT ', facet(column, 'default')),
    generated === null ? '' : ` GENERATED ALWAYS AS (${generated[2]}) ${generated[1]?.toUpperCase()}`,
    identity === undefined ? '' : ` GENERATED ${identity.toUpperCase()} AS IDENTITY`,
    facet(column, 'not null') === undefined ? '' : ' NOT NULL',
  ].join('')
}

/** In their order; a name in it may hold a comma in quotes. */
function columnsOf(table: string, catalog: Catalog): readonly string[] {
  const whole = ['table', 'composite type'].map((kind) => catalog.objects.get(`${kind} ${table}`))
  const order = whole.find((one) => one !== undefined)?.facets.get('column order') ?? ''
  const names = order.match(/"(?:[^"]|"")*"|[^, "]+/g) ?? []
  return names.flatMap((name) => {
    const found = ['column', 'attribute'].flatMap(
      (kind) => catalog.objects.get(`${kind} ${table}.${name}`) ?? [],
    )
    return found.map(writeColumn)
  })
}

function writeTable(object: CatalogObject, catalog: Catalog): readonly string[] {
  const { id } = object
  const parent = facet(object, 'inherits')
  const bound = facet(object, 'partition bound')
  const unlogged = facet(object, 'persistence') === 'unlogged' ? 'UNLOGGED ' : ''
  const body =
    bound !== undefined && parent !== undefined
      ? `PARTITION OF ${parent} ${bound}`
      : `(${columnsOf(id, catalog).join(', ')})${parent === undefined ? '' : ` INHERITS (${parent})`}`
  const options = facet(object, 'options')
  return [
    `CREATE ${unlogged}TABLE ${id} ${body}${after('PARTITION BY ', facet(object, 'partition key'))}${options === undefined ? '' : ` WITH (${options})`}`,
    ...writeRowSecurity(object),
  ]
}

/** Says who sees which rows, from nothing. */
export function writeRowSecurity(object: CatalogObject): readonly string[] {
  const state = facet(object, 'row security') ?? 'disabled'
  return [
    `ALTER TABLE ${object.id} ${state.startsWith('enabled') ? 'ENABLE' : 'DISABLE'} ROW LEVEL SECURITY`,
    `ALTER TABLE ${object.id} ${state.endsWith('forced') ? 'FORCE' : 'NO FORCE'} ROW LEVEL SECURITY`,
  ]
}

/** Those of identities come with their columns. */
function writeSequence(object: CatalogObject): readonly string[] {
  if (facet(object, 'identity of') !== undefined) return []
  const parts = /^as (.+) start (\S+) increment (\S+) minimum (\S+) maximum (\S+) cache (\S+)( cycle)?$/.exec(
    facet(object, 'sequence') ?? '',
  )
  if (parts === null) return [`CREATE SEQUENCE ${object.id}`]
  const [, type, start, increment, minimum, maximum, cache, cycle = ''] = parts
  return [
    `CREATE SEQUENCE ${object.id} AS ${type} INCREMENT ${increment} MINVALUE ${minimum} MAXVALUE ${maximum} START ${start} CACHE ${cache}${cycle}`,
  ]
}

/** What a partition has from its parent comes with it. */
function isFromAbove(object: CatalogObject): boolean {
  return facet(object, 'attached to') !== undefined || facet(object, 'inherited') !== undefined
}

function writeConstraint(object: CatalogObject): readonly string[] {
  const definition = facet(object, 'definition')
  if (definition === undefined || isFromAbove(object)) return []
  const { whole, name } = splitPart(object.id)
  return [`ALTER TABLE ${whole} ADD CONSTRAINT ${name} ${definition}`]
}

/** An index of a constraint comes with it. */
function writeIndex(object: CatalogObject): readonly string[] {
  const definition = facet(object, 'definition')
  if (definition === undefined || isFromAbove(object) || facet(object, 'constraint') !== undefined) return []
  return [definition.replace(/ ON ONLY /, ' ON ')]
}

function writeRoutine(object: CatalogObject): readonly string[] {
  return [facet(object, 'definition') ?? '']
}

function viewOptions(object: CatalogObject): string {
  const options = facet(object, 'options')
  return options === undefined ? '' : ` WITH (${options})`
}

const TRIGGER_STATES: Readonly<Record<string, string>> = {
  disabled: 'DISABLE TRIGGER',
  'on replicas only': 'ENABLE REPLICA TRIGGER',
  always: 'ENABLE ALWAYS TRIGGER',
}

function writeTrigger(object: CatalogObject): readonly string[] {
  const definition = facet(object, 'definition')
  if (definition === undefined || isFromAbove(object)) return []
  const { whole, name } = splitPart(object.id)
  const state = TRIGGER_STATES[facet(object, 'state') ?? '']
  return [definition, ...(state === undefined ? [] : [`ALTER TABLE ${whole} ${state} ${name}`])]
}

function writePolicy(object: CatalogObject): readonly string[] {
  const { whole, name } = splitPart(object.id)
  const [using, check] = [facet(object, 'using'), facet(object, 'with check')]
  return [
    [
      `CREATE POLICY ${name} ON ${whole}`,
      facet(object, 'permissive') === undefined ? '' : ' AS RESTRICTIVE',
      ` FOR ${facet(object, 'command')} TO ${facet(object, 'roles')}`,
      using === undefined ? '' : ` USING (${using})`,
      check === undefined ? '' : ` WITH CHECK (${check})`,
    ].join(''),
  ]
}

const GRANTED: Readonly<Record<string, string>> = {
  table: 'TABLE',
  view: 'TABLE',
  'materialized view': 'TABLE',
  sequence: 'SEQUENCE',
  schema: 'SCHEMA',
  function: 'FUNCTION',
  procedure: 'PROCEDURE',
  enum: 'TYPE',
  domain: 'DOMAIN',
}

/** Grants what others than the owner may do. */
export function writePrivileges(object: CatalogObject): readonly string[] {
  const on = GRANTED[object.kind]
  if (on === undefined) return []
  return [...object.facets].flatMap(([name, value]) => {
    const role = /^privileges of (?!its owner$)(.*)$/s.exec(name)?.[1]
    if (role === undefined) return []
    const revoke = `REVOKE ALL ON ${on} ${object.id} FROM ${role}`
    const privileges = value.replaceAll(' with grant option', '')
    return value === 'none' ? [revoke] : [revoke, `GRANT ${privileges} ON ${on} ${object.id} TO ${role}`]
  })
}
