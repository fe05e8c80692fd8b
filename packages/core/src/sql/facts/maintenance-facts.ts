import type { StrongLock, StrongLockMode } from './facts.ts'
import type { FactsPart } from './facts-part.ts'
import { readOptions } from './read-options.ts'
import type { RelationName } from './relation-name.ts'
import type { TokenCursor } from './token-cursor.ts'

/** Reads VACUUM, which PostgreSQL refuses in a transaction in all its forms. */
export function readVacuum(cursor: TokenCursor): FactsPart {
  const isFull = readOptions(cursor).get('full') === true || cursor.accept('full')
  while (cursor.acceptOneOf('freeze', 'verbose', 'analyze') !== undefined);
  const tables = isFull ? readTables(cursor) : []
  const strongLocks = tables.map((relation): StrongLock => ({ mode: 'ACCESS EXCLUSIVE', relation }))
  return { refusesTransaction: 'VACUUM', strongLocks }
}

/** Reads CLUSTER, which without a table goes over the whole database in transactions of its own. */
export function readCluster(cursor: TokenCursor): FactsPart {
  readOptions(cursor)
  cursor.accept('verbose')
  const first = cursor.readName()
  if (first === undefined) return { refusesTransaction: 'CLUSTER without a table' }
  // `CLUSTER index ON table` is the form before 8.3, which the server still takes.
  const table = cursor.accept('on') ? cursor.readName() : first
  return { strongLocks: lock('ACCESS EXCLUSIVE', table) }
}

/** Reads REINDEX. */
export function readReindex(cursor: TokenCursor): FactsPart {
  const options = readOptions(cursor)
  const object = cursor.acceptOneOf('index', 'table', 'schema', 'database', 'system')
  const concurrently = cursor.accept('concurrently') || options.get('concurrently') === true
  const target = cursor.readName()
  const common: FactsPart = {
    sessionTouches: [{ kind: 'unknown', because: 'function' }],
    concurrentReindex: concurrently ? { object: object ?? 'database', target } : undefined,
  }
  if (object !== 'index' && object !== 'table') {
    return { ...common, refusesTransaction: `REINDEX ${(object ?? 'database').toUpperCase()}` }
  }
  const mode = object === 'index' ? 'ACCESS EXCLUSIVE' : 'SHARE'
  return {
    ...common,
    refusesTransaction: concurrently ? `REINDEX ${object.toUpperCase()} CONCURRENTLY` : undefined,
    strongLocks: concurrently ? [] : lock(mode, target),
  }
}

/**
 * Reads REFRESH MATERIALIZED VIEW; CONCURRENTLY is no obstacle to a transaction here, and lets others read.
 */
export function readRefresh(cursor: TokenCursor): FactsPart {
  cursor.accept('materialized', 'view')
  const mode = cursor.accept('concurrently') ? 'EXCLUSIVE' : 'ACCESS EXCLUSIVE'
  return {
    strongLocks: lock(mode, cursor.readName()),
    sessionTouches: [{ kind: 'unknown', because: 'view' }],
  }
}

/** Reads TRUNCATE. */
export function readTruncate(cursor: TokenCursor): FactsPart {
  cursor.accept('table')
  const tables = readTables(cursor)
  return {
    destructions: [{ kind: 'truncate', tables }],
    strongLocks: tables.map((relation): StrongLock => ({ mode: 'ACCESS EXCLUSIVE', relation })),
    sessionTouches: [{ kind: 'unknown', because: 'trigger' }],
  }
}

/** Reads LOCK TABLE, whose mode is ACCESS EXCLUSIVE unless it says another. */
export function readLock(cursor: TokenCursor): FactsPart {
  cursor.accept('table')
  const tables = readTables(cursor)
  const mode = readLockMode(cursor)
  if (mode === undefined) return {}
  return { strongLocks: tables.map((relation): StrongLock => ({ mode, relation })) }
}

/** Takes `IN … MODE`; undefined when others can read and write under it. */
function readLockMode(cursor: TokenCursor): StrongLockMode | undefined {
  if (!cursor.accept('in')) return 'ACCESS EXCLUSIVE'
  if (cursor.accept('exclusive')) return 'EXCLUSIVE'
  if (cursor.accept('access')) return cursor.accept('exclusive') ? 'ACCESS EXCLUSIVE' : undefined
  if (!cursor.accept('share') || cursor.isWord('update')) return undefined
  return cursor.accept('row') ? 'SHARE ROW EXCLUSIVE' : 'SHARE'
}

function readTables(cursor: TokenCursor): readonly RelationName[] {
  const tables: RelationName[] = []
  do {
    cursor.accept('only')
    const table = cursor.readName()
    if (table !== undefined) tables.push(table)
    // The columns that VACUUM ANALYZE looks at.
    cursor.skipGroup()
    cursor.acceptText('*')
  } while (cursor.acceptText(','))
  return tables
}

function lock(mode: StrongLockMode, relation: RelationName | undefined): readonly StrongLock[] {
  return relation === undefined ? [] : [{ mode, relation }]
}
