import type { AlsoLocked, StrongLock } from './facts.ts'
import type { FactsPart } from './facts-part.ts'
import { readObjectType } from './object-type.ts'
import type { RelationName } from './relation-name.ts'
import type { TokenCursor } from './token-cursor.ts'

const REFUSED = new Set(['database', 'tablespace', 'subscription'])
const RELATIONS = new Set(['table', 'foreign table', 'view', 'materialized view', 'sequence', 'index'])
const TABLES = new Set(['table', 'foreign table'])
const ON_TABLE = new Set(['trigger', 'policy', 'rule'])

/**
 * Reads DROP of any object. Each relation dropped, and the table of a dropped trigger, is locked against
 * everything.
 */
export function readDrop(cursor: TokenCursor): FactsPart {
  // `DROP PROCEDURAL LANGUAGE` is the only word before a type.
  cursor.accept('procedural')
  const object = readObjectType(cursor)
  const concurrently = object === 'index' && cursor.accept('concurrently')
  cursor.accept('if', 'exists')
  if (object === 'owned') cursor.accept('by')
  if (object === 'user mapping') cursor.accept('for')
  const names = readNames(cursor)
  const table = ON_TABLE.has(object) && cursor.accept('on') ? cursor.readName() : undefined
  const cascade = cursor.skipTo('cascade')
  return {
    destructions: [{ kind: 'drop', object, names, cascade }],
    strongLocks: concurrently ? [] : locksOf({ object, names, table, cascade }),
    refusesTransaction: refusalOf(object, concurrently),
  }
}

/** Takes `a, b.c, f(int, text)`: arguments are passed over. */
export function readNames(cursor: TokenCursor): readonly RelationName[] {
  const names: RelationName[] = []
  do {
    const name = cursor.readName()
    if (name === undefined) break
    names.push(name)
    cursor.skipGroup()
  } while (cursor.acceptText(','))
  return names
}

function refusalOf(object: string, concurrently: boolean): string | undefined {
  if (concurrently) return 'DROP INDEX CONCURRENTLY'
  return REFUSED.has(object) ? `DROP ${object.toUpperCase()}` : undefined
}

interface Dropped {
  readonly object: string
  readonly names: readonly RelationName[]
  /** The table of a dropped trigger, policy or rule. */
  readonly table: RelationName | undefined
  readonly cascade: boolean
}

function locksOf({ object, names, table, cascade }: Dropped): readonly StrongLock[] {
  if (table !== undefined) return [{ mode: 'ACCESS EXCLUSIVE', relation: table }]
  if (!RELATIONS.has(object)) return []
  const also: readonly AlsoLocked[] = [
    ...(TABLES.has(object) ? (['referenced_and_parent'] as const) : []),
    ...(cascade ? (['dependents'] as const) : []),
  ]
  const locks = names.map(
    (relation): StrongLock => ({
      mode: 'ACCESS EXCLUSIVE',
      relation,
      ...(also.length > 0 && { also }),
    }),
  )
  // The table of a dropped index is locked as well, and the text does not say which it is.
  return object === 'index' ? [...locks, { mode: 'ACCESS EXCLUSIVE', relation: undefined }] : locks
}
