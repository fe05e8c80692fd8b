import type { SessionTouch, StrongLock } from './facts.ts'
import type { FactsPart } from './facts-part.ts'
import { type CreateHead, readCreateHead } from './object-type.ts'
import { readWithOptions } from './read-options.ts'
import type { RelationName } from './relation-name.ts'
import type { TokenCursor } from './token-cursor.ts'

/** Reads CREATE of any object. */
export function readCreate(cursor: TokenCursor): FactsPart {
  const head = readCreateHead(cursor)
  switch (head.type) {
    case 'table':
      return readCreateTable(cursor, head)
    case 'index':
      return readCreateIndex(cursor, head)
    case 'view':
      return readCreateView(cursor, head)
    case 'materialized view':
      return { sessionTouches: [{ kind: 'unknown', because: 'view' }] }
    case 'sequence':
      return { sessionTouches: temporary(head.temporary) }
    case 'trigger':
      return { strongLocks: lockAfterOn(cursor, 'SHARE ROW EXCLUSIVE') }
    case 'policy':
      return { strongLocks: lockAfterOn(cursor, 'ACCESS EXCLUSIVE') }
    case 'rule':
      return { strongLocks: lockAfterTo(cursor) }
    case 'database':
    case 'tablespace':
      return { refusesTransaction: `CREATE ${head.type.toUpperCase()}` }
    case 'subscription':
      return { refusesTransaction: createsSlot(cursor) ? 'CREATE SUBSCRIPTION' : undefined }
    case 'extension':
      return { sessionTouches: [{ kind: 'unknown', because: 'code' }] }
    default:
      return {}
  }
}

function readCreateTable(cursor: TokenCursor, head: CreateHead): FactsPart {
  const ifNotExists = cursor.accept('if', 'not', 'exists')
  const name = cursor.readName()
  if (name === undefined) return {}
  const partitionOf = cursor.accept('partition', 'of') ? cursor.readName() : undefined
  const parent: readonly StrongLock[] =
    partitionOf === undefined ? [] : [{ mode: 'ACCESS EXCLUSIVE', relation: partitionOf }]
  const isTemporary = head.temporary || isTemporarySchema(name)
  const rest = readTableBody(cursor)
  const fromQuery: readonly SessionTouch[] = rest.isFromQuery ? [{ kind: 'unknown', because: 'view' }] : []
  return {
    createdTable: {
      ...name,
      temporary: isTemporary,
      unlogged: head.unlogged,
      ifNotExists,
      partitionOf,
    },
    loadsData: rest.isFromQuery,
    strongLocks: [...parent, ...rest.locks],
    sessionTouches: [...temporary(isTemporary), ...fromQuery],
  }
}

/** Looks through columns and constraints for what they refer to, and for the AS of a CREATE TABLE AS. */
function readTableBody(cursor: TokenCursor): { locks: readonly StrongLock[]; isFromQuery: boolean } {
  const locks: StrongLock[] = []
  let isFromQuery = false
  while (!cursor.atEnd && !isFromQuery) {
    if (cursor.accept('references')) {
      const relation = cursor.readName()
      if (relation !== undefined) locks.push({ mode: 'SHARE ROW EXCLUSIVE', relation })
    } else if (cursor.depth === 0 && cursor.isWord('as')) {
      isFromQuery = true
    } else cursor.advance()
  }
  return { locks, isFromQuery }
}

function readCreateIndex(cursor: TokenCursor, head: CreateHead): FactsPart {
  const concurrently = cursor.accept('concurrently')
  const ifNotExists = cursor.accept('if', 'not', 'exists')
  const name = cursor.isWord('on') ? undefined : cursor.readPart()
  if (!cursor.accept('on')) return {}
  const only = cursor.accept('only')
  const table = cursor.readName()
  if (table === undefined) return {}
  return {
    indexBuild: { name, table, unique: head.unique, concurrently, ifNotExists, only },
    strongLocks: concurrently ? [] : [{ mode: 'SHARE', relation: table }],
    refusesTransaction: concurrently ? 'CREATE INDEX CONCURRENTLY' : undefined,
  }
}

function readCreateView(cursor: TokenCursor, head: CreateHead): FactsPart {
  const name = cursor.readName()
  const isReplaced = head.orReplace && name !== undefined
  return {
    strongLocks: isReplaced ? [{ mode: 'ACCESS EXCLUSIVE', relation: name }] : [],
    sessionTouches: temporary(head.temporary || (name !== undefined && isTemporarySchema(name))),
  }
}

function lockAfterOn(cursor: TokenCursor, mode: StrongLock['mode']): readonly StrongLock[] {
  if (!cursor.skipTo('on')) return []
  cursor.advance()
  return lockOn(cursor.readName(), mode)
}

/** `CREATE RULE name AS ON event TO table`. */
function lockAfterTo(cursor: TokenCursor): readonly StrongLock[] {
  if (!cursor.skipTo('to')) return []
  cursor.advance()
  return lockOn(cursor.readName(), 'ACCESS EXCLUSIVE')
}

function lockOn(relation: RelationName | undefined, mode: StrongLock['mode']): readonly StrongLock[] {
  return relation === undefined ? [] : [{ mode, relation }]
}

/**
 * A subscription makes its slot on the publisher unless `create_slot` or `connect` is off (manual, CREATE
 * SUBSCRIPTION).
 */
function createsSlot(cursor: TokenCursor): boolean {
  const options = readWithOptions(cursor)
  return options.get('create_slot') !== false && options.get('connect') !== false
}

function isTemporarySchema(name: RelationName): boolean {
  return name.schema === 'pg_temp'
}

function temporary(isTemporary: boolean): readonly SessionTouch[] {
  return isTemporary ? [{ kind: 'temporary_object' }] : []
}
