import { isAlwaysTrue } from './always-true.ts'
import { HARMLESS_CALLS, NOT_CALLS } from './call-words.ts'
import type { CreatedTable, Destruction, SessionTouch } from './facts.ts'
import type { FactsPart } from './facts-part.ts'
import type { RelationName } from './relation-name.ts'
import { touchOf } from './session-words.ts'
import type { TokenCursor } from './token-cursor.ts'

// A name in parentheses after one of these is a relation or an alias with its columns, not a call.
const BEFORE_NAMES = new Set([
  'into',
  'as',
  'references',
  'table',
  'on',
  'of',
  'index',
  'exists',
  'constraint',
])

/** A DELETE or UPDATE that has not ended yet. */
interface OpenWrite {
  readonly kind: 'delete_all' | 'update_all'
  readonly table: RelationName
  readonly depth: number
  /** Where the condition begins; undefined when no WHERE has come yet. */
  conditionStart?: number
  conditionEnd?: number
}

/**
 * Goes through all of a statement that evaluates expressions: SELECT, INSERT, UPDATE, DELETE, MERGE, CREATE
 * INDEX, ALTER TABLE and their like. Finds calls that may touch the session, writes of every row in each part
 * of a WITH, a MERGE that deletes, and SELECT INTO. Linear in the statement.
 *
 * @param cursor at the first token.
 */
export function readExpressions(cursor: TokenCursor): FactsPart {
  return new ExpressionReader(cursor).read()
}

class ExpressionReader {
  private readonly cursor: TokenCursor
  private readonly touches = new Map<string, SessionTouch>()
  private readonly destructions: Destruction[] = []
  private readonly writes: OpenWrite[] = []
  private createdTable: CreatedTable | undefined
  private mergedTable: RelationName | undefined
  private inserts = false
  /** Whether the statement itself writes, not only a part of its WITH. */
  private writesItself = false
  /** The keyword before the token at hand; `(`, `)` or `.` for those; `?` for any other token. */
  private previous = '('

  constructor(cursor: TokenCursor) {
    this.cursor = cursor
  }

  read(): FactsPart {
    while (!this.cursor.atEnd) this.step()
    while (this.writes.length > 0) this.endWrite()
    return {
      isQuery: !this.writesItself && this.createdTable === undefined,
      destructions: this.destructions,
      sessionTouches: [...this.touches.values()],
      loadsData: this.inserts || this.createdTable !== undefined,
      createdTable: this.createdTable,
    }
  }

  private step(): void {
    const { cursor } = this
    if (cursor.isName()) {
      this.readNamed()
      return
    }
    if (cursor.is('close')) {
      while ((this.writes.at(-1)?.depth ?? 0) > cursor.depth) this.endWrite()
      this.previous = ')'
    } else if (cursor.is('open')) this.previous = '('
    else this.previous = cursor.text === '.' ? '.' : '?'
    cursor.advance()
  }

  private readNamed(): void {
    const { cursor, previous } = this
    const word = cursor.word
    const { depth } = cursor
    if (CLAUSES.has(word) && this.readClause(word, previous, depth)) return
    const name = cursor.readName()
    this.previous = word === '' ? '?' : word
    if (cursor.is('open') && name !== undefined) this.readCall(name, word, previous)
  }

  /** Takes a clause that matters; false when the word is a name here. */
  private readClause(word: string, previous: string, depth: number): boolean {
    const startsPart =
      previous === '(' || previous === ')' || previous === 'analyze' || previous === 'verbose'
    if (startsPart && depth === 0 && WRITES.has(word)) this.writesItself = true
    if ((word === 'delete' || word === 'update') && startsPart) return this.readWrite(word, depth)
    if ((word === 'insert' || word === 'merge') && startsPart) {
      this.inserts = true
      this.touch({ kind: 'unknown', because: 'trigger' })
      if (word === 'merge') return this.readMerge()
    } else if (word === 'delete' && previous === 'then' && this.mergedTable !== undefined) {
      return this.readMergeDelete(this.mergedTable)
    } else if (word === 'where' || word === 'returning') this.noteCondition(word, depth)
    else if (word === 'from' || word === 'join') this.touch({ kind: 'unknown', because: 'view' })
    else if (word === 'into' && this.mayBeSelectInto(previous, depth)) return this.readSelectInto()
    return false
  }

  private mayBeSelectInto(previous: string, depth: number): boolean {
    return depth === 0 && !this.writesItself && previous !== 'as' && previous !== '.'
  }

  private readWrite(word: 'delete' | 'update', depth: number): boolean {
    const { cursor } = this
    this.touch({ kind: 'unknown', because: 'trigger' })
    cursor.advance()
    if (word === 'delete') cursor.accept('from')
    cursor.accept('only')
    const table = cursor.readName()
    this.previous = '?'
    if (table !== undefined) {
      this.writes.push({ kind: word === 'delete' ? 'delete_all' : 'update_all', table, depth })
    }
    return true
  }

  private readMerge(): boolean {
    const { cursor } = this
    cursor.advance()
    cursor.accept('into')
    cursor.accept('only')
    this.mergedTable = cursor.readName()
    this.previous = '?'
    return true
  }

  /** `THEN delete` may also be a column in a CASE. */
  private readMergeDelete(table: RelationName): boolean {
    const { cursor } = this
    cursor.advance()
    this.previous = '?'
    const isAction =
      cursor.is('semicolon') || cursor.is('close') || cursor.isWord('when') || cursor.isWord('returning')
    if (isAction) this.destructions.push({ kind: 'delete_matched', table })
    return true
  }

  private noteCondition(word: 'where' | 'returning', depth: number): void {
    const write = this.writes.at(-1)
    if (write?.depth !== depth) return
    if (word === 'returning') write.conditionEnd ??= this.cursor.start
    else write.conditionStart ??= this.cursor.start
  }

  private endWrite(): void {
    const write = this.writes.pop()
    if (write === undefined) return
    const { kind, table, conditionStart: start, conditionEnd: end = this.cursor.start } = write
    if (start !== undefined) {
      const condition = this.cursor.between(start, end)
      condition.advance()
      if (!isAlwaysTrue(condition)) return
    }
    this.destructions.push({ kind, table })
  }

  private readSelectInto(): boolean {
    const { cursor } = this
    cursor.advance()
    const modifier = cursor.acceptOneOf('temp', 'temporary', 'unlogged', 'local', 'global')
    cursor.acceptOneOf('temp', 'temporary')
    cursor.accept('table')
    const name = cursor.readName()
    this.previous = '?'
    if (name === undefined) return true
    const unlogged = modifier === 'unlogged'
    const temporary = (modifier !== undefined && !unlogged) || name.schema === 'pg_temp'
    this.createdTable = { ...name, temporary, unlogged, ifNotExists: false, partitionOf: undefined }
    if (temporary) this.touch({ kind: 'temporary_object' })
    return true
  }

  private readCall(name: RelationName, word: string, previous: string): void {
    const isPlain = name.schema === undefined
    if (isPlain && word !== '' && NOT_CALLS.has(word)) return
    if (BEFORE_NAMES.has(previous)) return
    const isBuiltIn = isPlain || name.schema === 'pg_catalog'
    if (isBuiltIn && HARMLESS_CALLS.has(name.name)) return
    if (name.name === 'set_config') this.readSetConfig()
    else for (const touch of touchesOf(name.name)) this.touch(touch)
  }

  /** `set_config('name', value, is_local)`, recognized when name and is_local are literals. */
  private readSetConfig(): void {
    const { cursor } = this
    const level = cursor.depth
    cursor.advance()
    const name = cursor.is('string') ? cursor.text.slice(1, -1).toLowerCase() : undefined
    let last = ''
    while (!cursor.atEnd && !(cursor.is('close') && cursor.depth === level)) {
      if (cursor.is('open')) this.touch({ kind: 'unknown', because: 'function' })
      last = cursor.word
      cursor.advance()
    }
    this.touch(touchOf(name, last === 'true' ? 'transaction' : 'session'))
  }

  private touch(touch: SessionTouch): void {
    this.touches.set(JSON.stringify(touch), touch)
  }
}

const CLAUSES = new Set(['delete', 'update', 'insert', 'merge', 'where', 'returning', 'from', 'join', 'into'])
const WRITES = new Set(['delete', 'update', 'insert', 'merge'])

function touchesOf(name: string): readonly SessionTouch[] {
  if (/^pg_(try_)?advisory_xact_lock/.test(name)) return []
  if (/^pg_(try_)?advisory_(un)?lock/.test(name)) return [{ kind: 'advisory_lock' }]
  if (name === 'nextval' || name === 'setval' || name === 'currval' || name === 'lastval') {
    return [{ kind: 'sequence' }]
  }
  return [{ kind: 'unknown', because: 'function' }]
}
