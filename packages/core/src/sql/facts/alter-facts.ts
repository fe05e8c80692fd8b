import { readAlterTable } from './alter-table-facts.ts'
import type { FactsPart } from './facts-part.ts'
import { readObjectType } from './object-type.ts'
import { readOptions, readWithOptions } from './read-options.ts'
import type { TokenCursor } from './token-cursor.ts'

/** Reads ALTER of any object. */
export function readAlter(cursor: TokenCursor): FactsPart {
  const object = readObjectType(cursor)
  switch (object) {
    case 'table':
    case 'foreign table':
    case 'materialized view':
    case 'view':
      return readAlterTable(cursor)
    case 'index':
      return readAlterIndex(cursor)
    case 'sequence':
      return readAlterSequence(cursor)
    case 'type':
      return readAlterType(cursor)
    case 'system':
      return { refusesTransaction: 'ALTER SYSTEM' }
    case 'database':
      return { refusesTransaction: movesDatabase(cursor) ? 'ALTER DATABASE SET TABLESPACE' : undefined }
    case 'subscription':
      return { refusesTransaction: refusalOfSubscription(cursor) }
    case 'extension':
      return { sessionTouches: [{ kind: 'unknown', because: 'code' }] }
    case 'policy':
    case 'trigger':
    case 'rule':
      return readAlterOnTable(cursor)
    default:
      return {}
  }
}

function readAlterOnTable(cursor: TokenCursor): FactsPart {
  if (!cursor.skipTo('on')) return {}
  cursor.advance()
  const relation = cursor.readName()
  return relation === undefined ? {} : { strongLocks: [{ mode: 'ACCESS EXCLUSIVE', relation }] }
}

/** Renaming an index, and setting its parameters, leaves its table usable; moving it does not. */
function readAlterIndex(cursor: TokenCursor): FactsPart {
  cursor.accept('if', 'exists')
  const relation = cursor.readName()
  const moves = relation !== undefined && cursor.accept('set', 'tablespace')
  return moves ? { strongLocks: [{ mode: 'ACCESS EXCLUSIVE', relation }] } : {}
}

function readAlterSequence(cursor: TokenCursor): FactsPart {
  cursor.accept('if', 'exists')
  const relation = cursor.readName()
  if (relation === undefined) return {}
  const changesRow = cursor.acceptOneOf('rename', 'owner') !== undefined || movesSequence(cursor)
  return { strongLocks: [{ mode: changesRow ? 'ACCESS EXCLUSIVE' : 'SHARE ROW EXCLUSIVE', relation }] }
}

/** `SET SCHEMA`, `SET LOGGED` and `SET UNLOGGED` go the way of ALTER TABLE. */
function movesSequence(cursor: TokenCursor): boolean {
  return cursor.accept('set') && cursor.acceptOneOf('schema', 'logged', 'unlogged') !== undefined
}

function readAlterType(cursor: TokenCursor): FactsPart {
  const table = cursor.readName()
  const action = cursor.acceptOneOf('drop', 'alter')
  if (table === undefined || action === undefined || !cursor.accept('attribute')) return {}
  cursor.accept('if', 'exists')
  const name = cursor.readPart()
  if (name === undefined) return {}
  return { destructions: [{ kind: action === 'drop' ? 'drop_column' : 'change_type', table, name }] }
}

/** `SET TABLESPACE x` and `WITH TABLESPACE = x` move it; RESET and the value of a parameter do not. */
function movesDatabase(cursor: TokenCursor): boolean {
  cursor.readPart()
  if (cursor.accept('set')) return cursor.isWord('tablespace')
  const isOther = cursor.acceptOneOf('reset', 'rename', 'owner') !== undefined
  return !isOther && cursor.skipTo('tablespace')
}

/** The forms that the manual lists (ALTER SUBSCRIPTION, 14 to 18). */
function refusalOfSubscription(cursor: TokenCursor): string | undefined {
  cursor.readPart()
  const action = cursor.acceptOneOf('refresh', 'set', 'add', 'drop')
  if (action === 'refresh') return 'ALTER SUBSCRIPTION REFRESH PUBLICATION'
  if (action === undefined) return undefined
  const isPublication = cursor.accept('publication')
  const options = isPublication ? readWithOptions(cursor) : readOptions(cursor)
  if (isPublication && options.get('refresh') !== false) {
    return `ALTER SUBSCRIPTION ${action.toUpperCase()} PUBLICATION`
  }
  const option = ['failover', 'two_phase'].find((name) => !isPublication && options.has(name))
  return option === undefined ? undefined : `ALTER SUBSCRIPTION SET (${option})`
}
