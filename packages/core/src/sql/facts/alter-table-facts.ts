import type { AlsoLocked, Destruction, StrongLock, StrongLockMode } from './facts.ts'
import type { FactsPart } from './facts-part.ts'
import type { RelationName } from './relation-name.ts'
import type { TokenCursor } from './token-cursor.ts'

/** What one action of an ALTER TABLE does, apart from its lock on the table itself. */
interface ActionFacts {
  /** Undefined when the action lets others read and write. */
  readonly mode: StrongLockMode | undefined
  readonly destruction?: Destruction
  readonly otherLock?: StrongLock
  readonly also?: readonly AlsoLocked[]
  readonly enablesRowSecurity?: true
  readonly refuses?: string
  /** The partition that is detached CONCURRENTLY. */
  readonly detaches?: RelationName
}

const ACCESS_EXCLUSIVE: ActionFacts = { mode: 'ACCESS EXCLUSIVE' }
const HARMLESS: ActionFacts = { mode: undefined }
const TRIGGER: ActionFacts = { mode: 'SHARE ROW EXCLUSIVE' }

/**
 * Reads ALTER TABLE and its like, with the lock that each action needs (manual, ALTER TABLE, "Description").
 */
export function readAlterTable(cursor: TokenCursor): FactsPart {
  if (cursor.accept('all', 'in', 'tablespace')) return {}
  cursor.accept('if', 'exists')
  cursor.accept('only')
  const table = cursor.readName()
  if (table === undefined) return {}
  cursor.acceptText('*')
  const actions: ActionFacts[] = []
  do {
    actions.push(readAction(cursor, table))
    actions.push(...readRest(cursor))
  } while (cursor.acceptText(','))
  return combine(table, actions)
}

function combine(table: RelationName, actions: readonly ActionFacts[]): FactsPart {
  const own = (['ACCESS EXCLUSIVE', 'SHARE ROW EXCLUSIVE'] as const).find((mode) =>
    actions.some((action) => action.mode === mode),
  )
  const partition = actions.find((action) => action.detaches !== undefined)?.detaches
  const also = [...new Set(actions.flatMap((action) => action.also ?? []))]
  const ownLocks: readonly StrongLock[] =
    own === undefined ? [] : [{ mode: own, relation: table, ...(also.length > 0 && { also }) }]
  const otherLocks = actions.flatMap((action) => action.otherLock ?? [])
  return {
    strongLocks: [...ownLocks, ...(dropsConstraint(actions) ? otherLocks.map(harder) : otherLocks)],
    destructions: actions.flatMap((action) => action.destruction ?? []),
    enablesRowSecurity: actions.some((action) => action.enablesRowSecurity) ? table : undefined,
    refusesTransaction: actions.find((action) => action.refuses !== undefined)?.refuses,
    concurrentDetach: partition && { table, partition },
  }
}

function dropsConstraint(actions: readonly ActionFacts[]): boolean {
  return actions.some((action) => action.destruction?.kind === 'drop_constraint')
}

/**
 * A foreign key that is replaced in one statement refers to the same table as before, which dropping the old
 * key locks against everything.
 */
function harder(lock: StrongLock): StrongLock {
  return { ...lock, mode: 'ACCESS EXCLUSIVE' }
}

/**
 * Passes over the rest of an action, on the look-out for the table that a column or a constraint refers to.
 */
function readRest(cursor: TokenCursor): readonly ActionFacts[] {
  const found: ActionFacts[] = []
  while (!cursor.atEnd && !(cursor.depth === 0 && cursor.text === ',')) {
    if (cursor.depth > 0 || !cursor.accept('references')) cursor.advance()
    else {
      const relation = cursor.readName()
      if (relation !== undefined) {
        found.push({ mode: undefined, otherLock: { mode: 'SHARE ROW EXCLUSIVE', relation } })
      }
    }
  }
  return found
}

function readAction(cursor: TokenCursor, table: RelationName): ActionFacts {
  const verb = cursor.word
  cursor.advance()
  switch (verb) {
    case 'add':
      return readAdd(cursor)
    case 'drop':
      return readDropAction(cursor, table)
    case 'alter':
      return readAlterColumn(cursor, table)
    case 'validate':
    case 'cluster':
    case 'reset':
    case 'depends':
      return HARMLESS
    case 'set':
      return cursor.is('open') || cursor.accept('without', 'cluster') ? HARMLESS : ACCESS_EXCLUSIVE
    case 'enable':
    case 'disable':
      return readEnable(cursor, verb)
    case 'attach':
    case 'detach':
      return readPartition(cursor, verb)
    default:
      return ACCESS_EXCLUSIVE
  }
}

function readAdd(cursor: TokenCursor): ActionFacts {
  if (cursor.accept('constraint')) cursor.readPart()
  return cursor.isWord('foreign') ? TRIGGER : ACCESS_EXCLUSIVE
}

function readDropAction(cursor: TokenCursor, table: RelationName): ActionFacts {
  const isConstraint = cursor.accept('constraint')
  if (!isConstraint) cursor.accept('column')
  cursor.accept('if', 'exists')
  const name = cursor.readPart()
  if (name === undefined) return ACCESS_EXCLUSIVE
  const kind = isConstraint ? 'drop_constraint' : 'drop_column'
  const also: readonly AlsoLocked[] = [
    ...(isConstraint ? (['referenced_by_constraint'] as const) : []),
    ...(cursor.acceptOneOf('cascade') === undefined ? [] : (['dependents'] as const)),
  ]
  return { ...ACCESS_EXCLUSIVE, destruction: { kind, table, name }, also }
}

function readAlterColumn(cursor: TokenCursor, table: RelationName): ActionFacts {
  if (cursor.accept('constraint')) return ACCESS_EXCLUSIVE
  cursor.accept('column')
  const name = cursor.readPart() ?? cursor.text
  if (cursor.accept('reset')) return HARMLESS
  if (!cursor.accept('set')) return typeChange(cursor, table, name)
  if (cursor.is('open') || cursor.isWord('statistics')) return HARMLESS
  cursor.accept('data')
  return typeChange(cursor, table, name)
}

function typeChange(cursor: TokenCursor, table: RelationName, name: string): ActionFacts {
  if (!cursor.isWord('type')) return ACCESS_EXCLUSIVE
  return { ...ACCESS_EXCLUSIVE, destruction: { kind: 'change_type', table, name } }
}

function readEnable(cursor: TokenCursor, verb: 'enable' | 'disable'): ActionFacts {
  if (cursor.accept('row')) {
    return verb === 'enable' ? { ...ACCESS_EXCLUSIVE, enablesRowSecurity: true } : ACCESS_EXCLUSIVE
  }
  cursor.acceptOneOf('replica', 'always')
  return cursor.isWord('trigger') ? TRIGGER : ACCESS_EXCLUSIVE
}

function readPartition(cursor: TokenCursor, verb: 'attach' | 'detach'): ActionFacts {
  cursor.accept('partition')
  const relation = cursor.readName()
  if (relation === undefined) return HARMLESS
  const otherLock: StrongLock = { mode: 'ACCESS EXCLUSIVE', relation }
  if (verb === 'attach') return { ...HARMLESS, otherLock }
  if (cursor.accept('concurrently')) {
    return { ...HARMLESS, refuses: 'DETACH PARTITION CONCURRENTLY', detaches: relation }
  }
  return cursor.accept('finalize') ? HARMLESS : { ...ACCESS_EXCLUSIVE, otherLock }
}
