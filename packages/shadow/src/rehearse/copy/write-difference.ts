import {
  type Catalog,
  type CatalogDifference,
  type CatalogObject,
  type ChangedObject,
  objectKey,
} from '@tidemark/core'
import {
  splitColumn,
  splitPart,
  WRITTEN_KINDS,
  writeColumn,
  writeObject,
  writePrivileges,
  writeRowSecurity,
} from './write-object.ts'

/**
 * Writes the statements that bring a copy nearer to its target, each of which may fail without harm. What cannot be
 * written stays a difference.
 *
 * @param differences from the copy to the target
 * @param target the catalog of the target, whole
 */
export function writeDifferences(
  differences: readonly CatalogDifference[],
  target: Catalog,
): readonly string[] {
  const removed = differences.flatMap((one) => (one.change === 'removed' ? dropObject(one.object) : []))
  const changed = differences.flatMap((one) => (one.change === 'changed' ? changeObject(one, target) : []))
  const added = differences
    .flatMap((one) => (one.change === 'added' ? [one.object, ...one.parts] : []))
    .sort(byMaking)
  return [...removed, ...added.flatMap((object) => addObject(object, target)), ...changed]
}

function byMaking(a: CatalogObject, b: CatalogObject): number {
  const place = ({ kind }: CatalogObject) => (kind === 'column' ? 9 : WRITTEN_KINDS.indexOf(kind))
  return place(a) - place(b) || (objectKey(a) < objectKey(b) ? -1 : 1)
}

/** A column of a table that is made anew comes with it. */
function addObject(object: CatalogObject, target: Catalog): readonly string[] {
  if (object.kind !== 'column') return writeObject(object, target)
  const { whole } = splitColumn(object.id)
  if (object.facets.has('inherited') || !target.objects.has(`table ${whole}`)) return []
  return [`ALTER TABLE ${whole} ADD COLUMN IF NOT EXISTS ${writeColumn(object)}`]
}

/** What a kind is called by DROP. */
const DROPPED: Readonly<Record<string, string>> = {
  table: 'TABLE',
  view: 'VIEW',
  'materialized view': 'MATERIALIZED VIEW',
  index: 'INDEX',
  sequence: 'SEQUENCE',
  schema: 'SCHEMA',
  extension: 'EXTENSION',
  function: 'FUNCTION',
  procedure: 'PROCEDURE',
  aggregate: 'AGGREGATE',
  enum: 'TYPE',
  domain: 'DOMAIN',
  'composite type': 'TYPE',
  'range type': 'TYPE',
  statistics: 'STATISTICS',
}

function dropObject({ kind, id }: CatalogObject): readonly string[] {
  const word = DROPPED[kind]
  if (word !== undefined) return [`DROP ${word} IF EXISTS ${id} CASCADE`]
  if (kind === 'column') {
    const { whole, name } = splitColumn(id)
    return [`ALTER TABLE ${whole} DROP COLUMN IF EXISTS ${name} CASCADE`]
  }
  const { whole, name } = splitPart(id)
  if (kind === 'constraint') return [`ALTER TABLE ${whole} DROP CONSTRAINT IF EXISTS ${name} CASCADE`]
  if (kind === 'domain constraint') return [`ALTER DOMAIN ${whole} DROP CONSTRAINT IF EXISTS ${name}`]
  if (kind === 'trigger' || kind === 'policy' || kind === 'rule')
    return [`DROP ${kind} IF EXISTS ${name} ON ${whole} CASCADE`]
  return []
}

/** What is dropped and made again where it differs. */
const MADE_ANEW: ReadonlySet<string> = new Set([
  'constraint',
  'domain constraint',
  'index',
  'view',
  'materialized view',
  'trigger',
  'rule',
  'policy',
])

/** Facets that are of no matter for what a migration does there. */
const UNWRITTEN: ReadonlySet<string> = new Set(['comment', 'owner', 'grantors', 'column order'])

function changeObject(difference: ChangedObject, target: Catalog): readonly string[] {
  const object = target.objects.get(`${difference.kind} ${difference.id}`)
  const facets = difference.facets.filter(({ facet }) => !UNWRITTEN.has(facet))
  if (object === undefined || facets.length === 0) return []
  if (facets.every(({ facet }) => facet.startsWith('privileges of '))) return writePrivileges(object)
  switch (difference.kind) {
    case 'column':
      return changeColumn(difference, object)
    case 'enum':
      return addLabels(difference)
    case 'table':
      return [...writeRowSecurity(object), ...writePrivileges(object)]
    case 'function':
    case 'procedure':
      return writeObject(object, target)
    case 'sequence': {
      const owner = object.facets.get('owned by')
      return owner === undefined ? [] : [`ALTER SEQUENCE ${object.id} OWNED BY ${owner}`]
    }
    default:
      return MADE_ANEW.has(difference.kind) ? [...dropObject(object), ...writeObject(object, target)] : []
  }
}

function changeColumn({ id, facets }: ChangedObject, column: CatalogObject): readonly string[] {
  const { whole, name } = splitColumn(id)
  const changed = new Set(facets.map(({ facet }) => facet))
  const alter = `ALTER TABLE ${whole} ALTER COLUMN ${name}`
  const [type, value] = [column.facets.get('type'), column.facets.get('default')]
  return [
    ...(changed.has('type')
      ? [
          `${alter} DROP DEFAULT`,
          // The copy has no rows to convert.
          `${alter} TYPE ${type} USING NULL::${type}`,
        ]
      : []),
    ...(changed.has('type') || changed.has('default')
      ? [value === undefined ? `${alter} DROP DEFAULT` : `${alter} SET DEFAULT ${value}`]
      : []),
    ...(changed.has('not null')
      ? [`${alter} ${column.facets.has('not null') ? 'SET' : 'DROP'} NOT NULL`]
      : []),
  ]
}

function addLabels({ id, facets }: ChangedObject): readonly string[] {
  const labels = facets.find(({ facet }) => facet === 'labels')
  const listed = (text = '') => text.match(/E?'(?:[^']|'')*'/g) ?? []
  const before = new Set(listed(labels?.before))
  const after = listed(labels?.after)
  return after.flatMap((label, at) => {
    const previous = after[at - 1]
    const place = previous === undefined ? '' : ` AFTER ${previous}`
    return before.has(label) ? [] : [`ALTER TYPE ${id} ADD VALUE IF NOT EXISTS ${label}${place}`]
  })
}
