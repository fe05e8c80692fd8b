import type { Span } from '../text/span.ts'
import { readAlter } from './facts/alter-facts.ts'
import { readCopyFacts } from './facts/copy-facts.ts'
import { readCreate } from './facts/create-facts.ts'
import { readDrop } from './facts/drop-facts.ts'
import type { SessionTouch, StatementFacts } from './facts/facts.ts'
import { type FactsPart, NO_FACTS } from './facts/facts-part.ts'
import {
  readCluster,
  readLock,
  readRefresh,
  readReindex,
  readTruncate,
  readVacuum,
} from './facts/maintenance-facts.ts'
import { readCreateHead, readObjectType } from './facts/object-type.ts'
import { readExpressions } from './facts/query-facts.ts'
import { readOptions } from './facts/read-options.ts'
import { readDeclare, readDiscard, readReset, readSet } from './facts/session-words.ts'
import { TokenCursor } from './facts/token-cursor.ts'
import { readTransactionWords } from './facts/transaction-words.ts'
import type { SqlStatement } from './statement.ts'

type Reader = (cursor: TokenCursor, first: string) => FactsPart

/**
 * Tells what the text of a statement says about it: whether it may run in a transaction, what it locks,
 * builds, destroys, and what it may leave in its session. No database is asked, so names are as written, and
 * bodies of functions and DO blocks are not looked into. Never throws; a statement that is no SQL has few
 * facts and an `unknown` session touch.
 *
 * @example readStatementFacts('DROP TABLE a;', scanSql('DROP TABLE a;').statements[0]).destructions[0].kind // 'drop'
 */
export function readStatementFacts(text: string, statement: SqlStatement): StatementFacts {
  const known = KNOWN.get(statement)
  if (known?.text === text) return known.facts
  const facts = readFacts(text, statement)
  KNOWN.set(statement, { text, facts })
  return facts
}

/** Checks, plan and engine each ask; a statement never changes. */
const KNOWN = new WeakMap<SqlStatement, { readonly text: string; readonly facts: StatementFacts }>()

function readFacts(text: string, statement: SqlStatement): StatementFacts {
  const span = { start: statement.codeStart, end: statement.codeEnd }
  const cursor = new TokenCursor(text, span)
  if (cursor.atEnd) return { ...NO_FACTS, command: '' }
  while (cursor.is('open')) cursor.advance()
  const first = cursor.word
  const command = readCommand(new TokenCursor(text, span))
  if (EXPRESSIONS.has(first)) return { ...NO_FACTS, ...readWhole(text, span, first), command }
  cursor.advance()
  const part = READERS.get(first)?.(cursor, first) ?? UNKNOWN
  if (!EVALUATES.has(command)) return { ...NO_FACTS, ...part, command }
  const touches = readExpressions(new TokenCursor(text, span)).sessionTouches ?? []
  const calls = touches.filter(command === 'CREATE TABLE AS' ? isCallOrWrite : isCall)
  return { ...NO_FACTS, ...part, command, sessionTouches: join(part.sessionTouches ?? [], calls) }
}

/** FROM, ON DELETE and the like mean something else in these commands: only calls count. */
function isCall(touch: SessionTouch): boolean {
  return touch.kind !== 'unknown' || touch.because === 'function'
}

/** The WITH of a query may write. */
function isCallOrWrite(touch: SessionTouch): boolean {
  return isCall(touch) || (touch.kind === 'unknown' && touch.because === 'trigger')
}

const UNKNOWN: FactsPart = { sessionTouches: [{ kind: 'unknown', because: 'code' }] }

/** Commands that are expressions all through. */
const EXPRESSIONS = new Set([
  'select',
  'values',
  'table',
  'with',
  'insert',
  'update',
  'delete',
  'merge',
  'explain',
])
const QUERIES = new Set(['select', 'values', 'table', 'with'])

/** Commands of another kind that evaluate expressions, or that run a query. */
const EVALUATES = new Set([
  'ALTER TABLE',
  'ALTER DOMAIN',
  'CREATE INDEX',
  'CREATE MATERIALIZED VIEW',
  'CREATE TABLE AS',
])

const nothing: Reader = () => ({})
const unknown: Reader = () => UNKNOWN
const touching =
  (kind: 'listen' | 'prepared_statement'): Reader =>
  () => ({ sessionTouches: [{ kind }] })

const READERS: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ...['begin', 'start', 'commit', 'end', 'rollback', 'abort'].map((word): [string, Reader] => [
    word,
    (cursor, first) => readTransactionWords(first, cursor),
  ]),
  ...['savepoint', 'release', 'comment', 'grant', 'revoke', 'analyze', 'analyse', 'security', 'notify'].map(
    (word): [string, Reader] => [word, nothing],
  ),
  ...['checkpoint', 'close', 'reassign', 'show', 'import'].map((word): [string, Reader] => [word, nothing]),
  ...['do', 'call', 'execute', 'load', 'fetch', 'move'].map((word): [string, Reader] => [word, unknown]),
  ['listen', touching('listen')],
  ['unlisten', touching('listen')],
  ['deallocate', touching('prepared_statement')],
  ['prepare', readPrepare],
  ['create', readCreate],
  ['alter', readAlter],
  ['drop', readDrop],
  ['truncate', readTruncate],
  ['lock', readLock],
  ['vacuum', readVacuum],
  ['cluster', readCluster],
  ['reindex', readReindex],
  ['refresh', readRefresh],
  ['copy', readCopyFacts],
  ['set', readSet],
  ['reset', readReset],
  ['discard', readDiscard],
  ['declare', readDeclare],
])

function readPrepare(cursor: TokenCursor): FactsPart {
  if (cursor.accept('transaction')) return { transactionControl: 'prepare' }
  cursor.skipTo('as')
  cursor.advance()
  const { destructions = [] } = readExpressions(cursor)
  return { destructions, sessionTouches: [{ kind: 'prepared_statement' }] }
}

function readWhole(text: string, span: Span, first: string): FactsPart {
  if (first === 'explain' && !runsExplained(text, span)) {
    return { sessionTouches: [{ kind: 'unknown', because: 'function' }] }
  }
  const part = readExpressions(new TokenCursor(text, span))
  const isQuery = QUERIES.has(first) && part.isQuery === true
  if (first !== 'table') return { ...part, isQuery }
  return { isQuery, sessionTouches: [{ kind: 'unknown', because: 'view' }] }
}

/** EXPLAIN runs its statement only with ANALYZE; planning alone may call functions too. */
function runsExplained(text: string, span: Span): boolean {
  const cursor = new TokenCursor(text, span)
  cursor.accept('explain')
  return readOptions(cursor).get('analyze') === true || cursor.acceptOneOf('analyze', 'analyse') !== undefined
}

/** Names the command: the first word, and for objects their type. */
function readCommand(cursor: TokenCursor): string {
  while (cursor.is('open')) cursor.advance()
  const first = cursor.word
  cursor.advance()
  if (first === 'create') return createCommand(cursor)
  if (first === 'alter' || first === 'drop') return `${first} ${readObjectType(cursor)}`.toUpperCase().trim()
  return first.toUpperCase()
}

function createCommand(cursor: TokenCursor): string {
  const { type } = readCreateHead(cursor)
  const isFromQuery = type === 'table' && cursor.skipTo('as')
  return `CREATE ${type}${isFromQuery ? ' as' : ''}`.toUpperCase().trim()
}

function join(some: readonly SessionTouch[], more: readonly SessionTouch[]): readonly SessionTouch[] {
  const known = new Set(some.map((touch) => JSON.stringify(touch)))
  return [...some, ...more.filter((touch) => !known.has(JSON.stringify(touch)))]
}
