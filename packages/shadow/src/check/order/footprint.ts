import {
  type Catalog,
  type CatalogDifference,
  isPart,
  type Migration,
  objectKey,
  type StatementEffects,
  wholeOf,
} from '@tidemark/core'
import { bareName } from './bare-name.ts'
import { listWords } from './list-words.ts'

/**
 * What a migration may touch. Names are bare and in lower case: two objects of one name in two schemas count as
 * one, which costs a trial and hides nothing.
 */
export interface Footprint {
  /** What it makes, changes or drops, and tables that it may write rows to. */
  readonly writes: ReadonlySet<string>
  /** What it locks, what its text and the functions behind it name, and all that it writes. */
  readonly reads: ReadonlySet<string>
  /** Whether what it does depends on, or is felt by, objects that neither it nor the other names. */
  readonly reachesAll: boolean
}

/** What was seen of a migration when it ran. */
export interface Observed {
  readonly migration: Migration
  readonly differences: readonly CatalogDifference[]
  readonly effects: readonly StatementEffects[]
  /** The schemas around it, in which what its text names is looked up. */
  readonly catalogs: readonly Catalog[]
}

/**
 * Tells what a migration may touch: its differences in the catalog, the relations that it locked, and every word
 * of its text, of the functions that it may call, and of the tables that it locked, with their triggers,
 * defaults, checks and policies.
 */
export function readFootprint({ migration, differences, effects, catalogs }: Observed): Footprint {
  const text = migration.source.text.slice(migration.up.body.start, migration.up.body.end)
  const locked = effects.flatMap(({ locks }) => locks)
  const writes = new Set([
    ...differences.flatMap((one) => listNames(one, catalogs)),
    ...locked.filter(({ mode }) => !READ_LOCKS.has(mode)).map(({ relation }) => relation.name.toLowerCase()),
  ])
  const named = new Set([...listWords(text), ...locked.map(({ relation }) => relation.name.toLowerCase())])
  const found = catalogs.map((catalog) => expand(named, catalog))
  // Of a large file only the beginning of each statement is at hand.
  const reachesAll =
    migration.large !== undefined ||
    found.some((one) => one.readsCatalog) ||
    WIDE_STATEMENT.test(text) ||
    differences.some((one) => WIDE_KINDS.has(one.change === 'changed' ? one.kind : one.object.kind))
  return { writes, reads: new Set([...found.flatMap(({ words }) => [...words]), ...writes]), reachesAll }
}

/** Joins what was seen of one migration in several states of the database. */
export function joinFootprints(a: Footprint, b: Footprint): Footprint {
  return {
    writes: new Set([...a.writes, ...b.writes]),
    reads: new Set([...a.reads, ...b.reads]),
    reachesAll: a.reachesAll || b.reachesAll,
  }
}

/** The footprint of a migration that failed: any other may be the reason. */
export function unknownFootprint({ source, up }: Migration): Footprint {
  const words = new Set(listWords(source.text.slice(up.body.start, up.body.end)))
  return { writes: words, reads: words, reachesAll: true }
}

/**
 * Whether the order of two migrations may matter.
 *
 * @returns the names that make it so, sorted; empty where nothing does. `*` stands for any object.
 */
export function listTouched(a: Footprint, b: Footprint): readonly string[] {
  const hits = (one: Footprint, other: Footprint) => [
    ...(one.reachesAll && other.writes.size > 0 ? ['*'] : []),
    ...[...one.writes].filter((name) => other.reads.has(name)),
  ]
  return [...new Set([...hits(a, b), ...hits(b, a)])].sort()
}

const READ_LOCKS: ReadonlySet<string> = new Set(['ACCESS SHARE', 'ROW SHARE'])

/** Relations and functions that tell of any object: who reads them may see what the other makes. */
const CATALOG_WORD =
  /^(?:information_schema|to_reg\w+|has_\w+_privilege|pg_(?:class|tables|attribute|attrdef|namespace|proc|type|constraint|index|indexes|views|matviews|trigger|policy|policies|roles|authid|enum|depend|extension|sequence|sequences|description|stat_\w+|inherits|partitioned_table|event_trigger|publication\w*|rules|user|shadow|language|cast|operator|am|opclass|collation|get_\w+def|has_role))$/

/** Statements about objects that they do not name. */
const WIDE_STATEMENT =
  /\ball\s+(?:tables|sequences|functions|procedures|routines)\s+in\s+schema\b|\b(?:reassign|drop)\s+owned\b|\bimport\s+foreign\s+schema\b|\balter\s+(?:database|default\s+privileges)\b|\b(?:create|alter|drop)\s+(?:role|user|group)\b/i

/** Objects that statements feel without naming them. */
const WIDE_KINDS: ReadonlySet<string> = new Set([
  'access method',
  'cast',
  'collation',
  'conversion',
  'default privileges',
  'event trigger',
  'extension',
  'language',
  'operator',
  'operator class',
  'operator family',
  'transform',
])

/** Kinds whose definition says what else happens when they are used. */
const EXPANDED: ReadonlySet<string> = new Set([
  'aggregate',
  'column',
  'constraint',
  'domain',
  'domain constraint',
  'function',
  'materialized view',
  'policy',
  'procedure',
  'rule',
  'trigger',
  'view',
])

/** Adds, for every object that is named, the words of its definition, and so on. */
function expand(
  named: ReadonlySet<string>,
  catalog: Catalog,
): { readonly words: ReadonlySet<string>; readonly readsCatalog: boolean } {
  const byName = indexByName(catalog)
  const words = new Set(named)
  const open = [...named]
  // Names of the catalog in definitions that the server writes out mean nothing: only code that was written does.
  let readsCatalog = open.some((word) => CATALOG_WORD.test(word))
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    for (const { code, found } of byName.get(name) ?? []) {
      readsCatalog ||= code && found.some((word) => CATALOG_WORD.test(word))
      for (const word of found) {
        if (words.has(word)) continue
        words.add(word)
        open.push(word)
      }
    }
  }
  return { words, readsCatalog }
}

/** The words of an object's definition. */
interface Definition {
  /** Whether it is code that somebody wrote. */
  readonly code: boolean
  readonly found: readonly string[]
}

const DEFINITIONS = new WeakMap<Catalog, ReadonlyMap<string, readonly Definition[]>>()

/** Objects by their own bare name, and parts of a table by the name of the table. */
function indexByName(catalog: Catalog): ReadonlyMap<string, readonly Definition[]> {
  const known = DEFINITIONS.get(catalog)
  if (known !== undefined) return known
  const index = new Map<string, Definition[]>()
  for (const object of catalog.objects.values()) {
    if (!EXPANDED.has(object.kind)) continue
    const values = [...object.facets]
      .filter(([facet, value]) => !isLeftOut(facet, value))
      .map(([, value]) => value)
    const name = plainName(wholeOf(object) ?? object.id)
    const list = index.get(name) ?? []
    list.push({ code: CODE.has(object.kind), found: values.flatMap(listWords) })
    index.set(name, list)
  }
  DEFINITIONS.set(catalog, index)
  return index
}

const CODE: ReadonlySet<string> = new Set(['function', 'procedure'])

/** What a foreign key refers to is locked when it matters; owners and privileges name no objects. */
function isLeftOut(facet: string, value: string): boolean {
  return value.startsWith('FOREIGN KEY') || /^(?:owner|privileges|grantor|comment)/.test(facet)
}

function listNames(difference: CatalogDifference, catalogs: readonly Catalog[]): readonly string[] {
  const objects =
    difference.change === 'changed'
      ? catalogs.flatMap((catalog) => catalog.objects.get(objectKey(difference)) ?? [])
      : [difference.object, ...difference.parts]
  return objects.flatMap((object) => {
    const whole = wholeOf(object)
    return [...(whole === null ? [] : [plainName(whole)]), ...(isPart(object) ? [] : [plainName(object.id)])]
  })
}

/** `public."Order"` is `order`. */
function plainName(id: string): string {
  return bareName(id).replaceAll('"', '').toLowerCase()
}
