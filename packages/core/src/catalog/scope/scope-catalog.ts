import type { Catalog, CatalogObject } from '../model/catalog.ts'
import { listWholes, schemaOf } from '../model/place.ts'
import { makeCatalog } from '../model/to-catalog.ts'
import type { CatalogScope } from './catalog-scope.ts'
import { listTrackingIds } from './tracking-objects.ts'

/**
 * Narrows a catalog to a scope.
 *
 * @example scopeCatalog(catalog, { excludeSchemas: MANAGED_SCHEMAS.supabase, trackingSchema: 'tidemark' })
 */
export function scopeCatalog(catalog: Catalog, scope: CatalogScope): Catalog {
  const isIncluded = includesSchema(scope)
  const isExcluded = excludesObject(scope)
  const kept = [...catalog.objects.values()].filter(
    (object) => isIncluded(schemaOf(object)) && !isExcluded(object),
  )
  return makeCatalog(withoutEmptyTrackingSchema(kept, scope))
}

function includesSchema({
  includeSchemas,
  excludeSchemas = [],
}: CatalogScope): (schema: string | null) => boolean {
  const isIn = includeSchemas === undefined ? () => true : matcher(includeSchemas)
  const isOut = matcher(excludeSchemas)
  return (schema) => {
    if (schema === null) return includeSchemas === undefined
    const name = unquote(schema)
    return isIn(name) && !isOut(name)
  }
}

function excludesObject({
  excludeObjects = [],
  trackingSchema,
}: CatalogScope): (object: CatalogObject) => boolean {
  const isOut = matcher(excludeObjects)
  const tracking = trackingSchema === undefined ? new Set<string>() : listTrackingIds(trackingSchema)
  const isLeftOut = (id: string) => isOut(id) || tracking.has(id)
  return (object) =>
    isLeftOut(object.id) || listWholes(object).some((key) => isLeftOut(key.slice(key.indexOf(' ') + 1)))
}

/** A schema that has only our tables is ours. */
function withoutEmptyTrackingSchema(
  objects: readonly CatalogObject[],
  { trackingSchema }: CatalogScope,
): readonly CatalogObject[] {
  if (trackingSchema === undefined || trackingSchema === 'public') return objects
  const isInIt = (object: CatalogObject) => unquote(schemaOf(object) ?? '') === trackingSchema
  const isOurs = objects.every((object) => object.kind === 'schema' || !isInIt(object))
  return isOurs ? objects.filter((object) => !isInIt(object)) : objects
}

/** Tells whether a text is one of those that are listed; `*` in them stands for any text. */
function matcher(patterns: readonly string[]): (text: string) => boolean {
  const exact = new Set(patterns.filter((pattern) => !pattern.includes('*')))
  const wild = patterns
    .filter((pattern) => pattern.includes('*'))
    .map((pattern) => new RegExp(`^${pattern.split('*').map(escapeText).join('.*')}$`, 's'))
  return (text) => exact.has(text) || wild.some((pattern) => pattern.test(text))
}

const escapeText = (text: string) => text.replace(/[.+?^${}()|[\]\\]/g, '\\$&')

function unquote(name: string): string {
  return name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name
}
