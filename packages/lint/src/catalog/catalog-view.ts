import type { Catalog, CatalogObject } from '@tidemark/core'
import { type Named, nameKey, splitIdentifiers } from './names.ts'

/** A table, or something else that has columns. */
export interface TableView extends Named {
  readonly object: CatalogObject
  readonly kind: string
  /** By name, in no order. */
  readonly columns: Map<string, CatalogObject>
  /** By name. */
  readonly constraints: Map<string, ConstraintView>
  readonly indexes: IndexView[]
  readonly policies: CatalogObject[]
  readonly triggers: CatalogObject[]
}

/** A constraint of a table. */
export interface ConstraintView {
  readonly name: string
  readonly object: CatalogObject
  readonly definition: string
  /** The columns of a key or foreign key. */
  readonly columns: readonly string[]
}

/** An index of a table. */
export interface IndexView extends Named {
  readonly object: CatalogObject
  readonly definition: string
  /** The constraint that it carries out, such as `public.users users_pkey`. */
  readonly constraint: string | undefined
}

/** A catalog by tables and what belongs to them. */
export interface CatalogView {
  readonly catalog: Catalog
  /** By `nameKey`. */
  readonly tables: ReadonlyMap<string, TableView>
  /** By `nameKey`. */
  readonly indexes: ReadonlyMap<string, IndexView & { readonly table: TableView }>
  /** Functions and procedures. */
  readonly routines: readonly CatalogObject[]
}

const WITH_COLUMNS: ReadonlySet<string> = new Set(['table', 'view', 'materialized view', 'foreign table'])
const VIEWS = new WeakMap<Catalog, CatalogView>()

/** Puts the objects of a catalog under their tables. It is made once for each catalog. */
export function viewCatalog(catalog: Catalog): CatalogView {
  const known = VIEWS.get(catalog)
  if (known !== undefined) return known
  const view = makeView(catalog)
  VIEWS.set(catalog, view)
  return view
}

function makeView(catalog: Catalog): CatalogView {
  const objects = [...catalog.objects.values()]
  const tables = new Map<string, TableView>()
  for (const object of objects) {
    if (!WITH_COLUMNS.has(object.kind)) continue
    const [schema = '', name = ''] = splitIdentifiers(object.id)
    tables.set(nameKey({ schema, name }), {
      schema,
      name,
      object,
      kind: object.kind,
      columns: new Map(),
      constraints: new Map(),
      indexes: [],
      policies: [],
      triggers: [],
    })
  }
  const indexes = new Map<string, IndexView & { readonly table: TableView }>()
  for (const object of objects) {
    const part = splitIdentifiers(object.id)
    const [schema = '', name = '', own = ''] = part
    const table = tables.get(nameKey({ schema, name }))
    if (object.kind === 'column') table?.columns.set(own, object)
    else if (object.kind === 'constraint') addConstraint(table, own, object)
    else if (object.kind === 'policy') table?.policies.push(object)
    else if (object.kind === 'trigger') table?.triggers.push(object)
    else if (object.kind === 'index') {
      const owner = tables.get(nameKey(relationOfId(object.facets.get('table') ?? '')))
      if (owner === undefined) continue
      const definition = object.facets.get('definition') ?? ''
      const index = { schema, name, object, definition, constraint: object.facets.get('constraint') }
      owner.indexes.push(index)
      indexes.set(nameKey(index), { ...index, table: owner })
    }
  }
  const routines = objects.filter(({ kind }) => kind === 'function' || kind === 'procedure')
  return { catalog, tables, indexes, routines }
}

/** Gives the relation of an id, such as that of a table or of a facet that names one. */
export function relationOfId(id: string): Named {
  const [schema = '', name = ''] = splitIdentifiers(id)
  return { schema, name }
}

/** `FOREIGN KEY (a, b) REFERENCES …`, `PRIMARY KEY (a)`, `UNIQUE NULLS NOT DISTINCT (a)` */
const KEY_COLUMNS = /^(?:PRIMARY KEY|UNIQUE|FOREIGN KEY)[^(]*\(((?:[^()"]|"(?:[^"]|"")*")*)\)/

function addConstraint(table: TableView | undefined, name: string, object: CatalogObject): void {
  const definition = object.facets.get('definition')
  // A copy in a partition has no definition of its own.
  if (definition === undefined) return
  const [, list = ''] = KEY_COLUMNS.exec(definition) ?? []
  table?.constraints.set(name, { name, object, definition, columns: splitIdentifiers(list) })
}

/** The table that a foreign key refers to; undefined for another constraint. */
export function referencedTable({ definition }: ConstraintView): Named | undefined {
  const [, target] = /^FOREIGN KEY .*? REFERENCES ((?:"(?:[^"]|"")*"|[^\s(])+)/.exec(definition) ?? []
  return target === undefined ? undefined : relationOfId(target)
}

/** The primary key of a table. */
export function primaryKeyOf({ constraints }: TableView): ConstraintView | undefined {
  return [...constraints.values()].find(({ definition }) => definition.startsWith('PRIMARY KEY'))
}

/** The columns of the primary key; none without one. */
export function primaryKey(table: TableView): readonly string[] {
  return primaryKeyOf(table)?.columns ?? []
}

/** Whether a table is a partition, or inherits in another way. */
export function isChild({ object }: TableView): boolean {
  return object.facets.has('inherits')
}
