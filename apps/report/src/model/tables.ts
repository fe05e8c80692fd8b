import type { Schema, SchemaObject } from './schema-at.ts'

/** A column as the picture shows it. */
export interface Column {
  readonly name: string
  readonly type: string
  readonly isPrimary: boolean
  readonly isForeign: boolean
  readonly isRequired: boolean
  readonly comment: string | undefined
}

/** A table as the picture shows it. */
export interface Table {
  /** With its schema, quoted where SQL needs it. */
  readonly id: string
  readonly kind: string
  readonly columns: readonly Column[]
  readonly rowSecurity: string | undefined
  readonly policies: number
  readonly indexes: number
  readonly triggers: number
  readonly comment: string | undefined
  /** The tables that its foreign keys name. */
  readonly references: readonly string[]
}

const TABLES: ReadonlySet<string> = new Set(['table', 'view', 'materialized view', 'foreign table'])

/** Lists the tables and views of a schema, by id. */
export function listTables(schema: Schema): readonly Table[] {
  const parts = groupParts(schema)
  return [...schema.values()]
    .filter(({ kind }) => TABLES.has(kind))
    .map((object) => toTable(object, parts.get(object.id) ?? []))
    .sort((a, b) => (a.id < b.id ? -1 : 1))
}

/** The name of a part is that of its table, and more. */
function groupParts(schema: Schema): ReadonlyMap<string, readonly SchemaObject[]> {
  const tables = new Set([...schema.values()].filter(({ kind }) => TABLES.has(kind)).map(({ id }) => id))
  const parts = new Map<string, SchemaObject[]>()
  for (const object of schema.values()) {
    const owner =
      object.kind === 'index' ? withSchema(object.facets['table'], object.id) : ownerOf(object, tables)
    if (owner === undefined) continue
    const known = parts.get(owner)
    if (known === undefined) parts.set(owner, [object])
    else known.push(object)
  }
  return parts
}

function ownerOf({ kind, id }: SchemaObject, tables: ReadonlySet<string>): string | undefined {
  const separator = kind === 'column' ? '.' : ' '
  for (let at = id.length; at > 0; at = id.lastIndexOf(separator, at - 1)) {
    const whole = id.slice(0, at)
    if (at < id.length && tables.has(whole)) return whole
  }
  return undefined
}

/** The catalog writes names without `public.`, ids with it. */
function withSchema(name: string | undefined, index: string): string | undefined {
  if (name === undefined) return undefined
  return name.includes('.') ? name : `${index.slice(0, index.indexOf('.'))}.${name}`
}

function toTable({ id, kind, facets }: SchemaObject, parts: readonly SchemaObject[]): Table {
  const constraints = parts.filter((part) => part.kind === 'constraint')
  const definitions = constraints.map((part) => part.facets['definition'] ?? '')
  const primary = columnsIn(definitions.filter((text) => text.startsWith('PRIMARY KEY')))
  const foreignKeys = definitions.filter((text) => text.startsWith('FOREIGN KEY'))
  const foreign = columnsIn(foreignKeys)
  const columns = parts.filter((part) => part.kind === 'column')
  const order = splitList(facets['column order'] ?? '')
  const nameOf = (column: SchemaObject) => column.id.slice(id.length + 1)
  const place = (column: SchemaObject) => {
    const found = order.indexOf(nameOf(column))
    return found === -1 ? order.length : found
  }
  const count = (partKind: string) => parts.filter((part) => part.kind === partKind).length
  return {
    id,
    kind,
    columns: columns
      .toSorted((a, b) => place(a) - place(b))
      .map((column) => ({
        name: nameOf(column),
        type: column.facets['type'] ?? '',
        isPrimary: primary.has(nameOf(column)),
        isForeign: foreign.has(nameOf(column)),
        isRequired: column.facets['not null'] === 'yes',
        comment: column.facets['comment'],
      })),
    rowSecurity: facets['row security'],
    policies: count('policy'),
    indexes: count('index'),
    triggers: count('trigger'),
    comment: facets['comment'],
    references: [...new Set(foreignKeys.flatMap((text) => referenceIn(text, id)))],
  }
}

/** The columns in the first parentheses of `PRIMARY KEY (a, b)`. */
function columnsIn(definitions: readonly string[]): ReadonlySet<string> {
  return new Set(definitions.flatMap((text) => splitList(/\(([^)]*)\)/.exec(text)?.[1] ?? '')))
}

function referenceIn(definition: string, table: string): readonly string[] {
  const [, name] = /REFERENCES ((?:"(?:[^"]|"")*"|[^\s("])+)\s*\(/.exec(definition) ?? []
  const full = withSchema(name, table)
  return full === undefined ? [] : [full]
}

/** Splits at commas outside of quotes. */
function splitList(text: string): readonly string[] {
  return (text.match(/(?:"(?:[^"]|"")*"|[^,"])+/g) ?? []).map((part) => part.trim())
}
