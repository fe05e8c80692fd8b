import type { ReportChange, ReportMigration } from '@tidemark/report'

/** An object of the schema. */
export interface SchemaObject {
  readonly kind: string
  readonly id: string
  readonly facets: Readonly<Record<string, string>>
}

/** The objects of a schema, by kind and id. */
export type Schema = ReadonlyMap<string, SchemaObject>

/** Gives the schema after the first migrations of a report. */
export function schemaAfter(migrations: readonly ReportMigration[], count: number): Schema {
  const schema = new Map<string, SchemaObject>()
  for (const { changes } of migrations.slice(0, count))
    for (const change of changes ?? []) apply(schema, change)
  return schema
}

/** The key of an object in a {@link Schema}. */
export function keyOf({ kind, id }: Pick<SchemaObject, 'kind' | 'id'>): string {
  return `${kind} ${id}`
}

function apply(schema: Map<string, SchemaObject>, change: ReportChange): void {
  if (change.change === 'changed') {
    const object = schema.get(keyOf(change)) ?? { kind: change.kind, id: change.id, facets: {} }
    const facets = new Map(Object.entries(object.facets))
    for (const { facet, after } of change.facets) {
      if (after === null) facets.delete(facet)
      else facets.set(facet, after)
    }
    schema.set(keyOf(object), { ...object, facets: Object.fromEntries(facets) })
    return
  }
  for (const object of [change.object, ...change.parts]) {
    if (change.change === 'added') schema.set(keyOf(object), object)
    else schema.delete(keyOf(object))
  }
}

/** One object that differs between two schemas. */
export interface SchemaDifference {
  readonly change: 'added' | 'removed' | 'changed'
  readonly object: SchemaObject
}

/** Compares two schemas, the second one being the later. */
export function compareSchemas(before: Schema, after: Schema): readonly SchemaDifference[] {
  const differences: SchemaDifference[] = []
  for (const [key, object] of after) {
    const earlier = before.get(key)
    if (earlier === undefined) differences.push({ change: 'added', object })
    else if (!hasSameFacets(earlier, object)) differences.push({ change: 'changed', object })
  }
  for (const [key, object] of before) if (!after.has(key)) differences.push({ change: 'removed', object })
  return differences.sort((a, b) => (a.object.id < b.object.id ? -1 : 1))
}

function hasSameFacets(a: SchemaObject, b: SchemaObject): boolean {
  const names = Object.keys(a.facets)
  return (
    names.length === Object.keys(b.facets).length && names.every((name) => a.facets[name] === b.facets[name])
  )
}
