import {
  listTouchedObjects,
  readStatementFacts,
  type Span,
  type StatementFacts,
  scanSql,
  tokens,
} from '@tidemark/core'
import type { RecordedHistory } from './find-history.ts'
import type { RecordedStatement } from './recorded-statement.ts'

/** What is done with a recorded statement. */
export type StatementUse =
  | { readonly kind: 'written' }
  /** It changes nothing, or only what belongs to the tool or the session. */
  | { readonly kind: 'left_out' }
  /** It reads rows of a table that the migrations made: what the tool did with them depends on the data. */
  | { readonly kind: 'reads'; readonly tables: readonly string[] }

/** What is known about the whole recording. */
export interface RecordingFacts {
  readonly history: RecordedHistory
  /** Functions outside of the system's schemas: calling one may do anything. */
  readonly functions: ReadonlySet<string>
  /** A schema that has nothing but the tool's tables. */
  readonly ownSchema: string | undefined
  /** Tables that were created. */
  readonly tables: ReadonlySet<string>
}

/** Built-in functions that a migration calls for what they do. */
const EFFECTS: ReadonlySet<string> = new Set([
  'setval',
  'nextval',
  'pg_notify',
  'lo_create',
  'lo_import',
  'lo_from_bytea',
  'lo_unlink',
  'pg_logical_emit_message',
])

/** Commands that change nothing that stays. */
const WITHOUT_EFFECT =
  /^(?:SHOW|EXPLAIN|FETCH|MOVE|DECLARE|CLOSE|LISTEN|UNLISTEN|NOTIFY|DISCARD|RESET|PREPARE|DEALLOCATE|CHECKPOINT|LOCK)$/

/** Says what is done with a statement. */
export function decideUse(
  { text, tag }: Pick<RecordedStatement, 'text' | 'tag'>,
  recording: RecordingFacts,
): StatementUse {
  const [statement] = scanSql(text).statements
  if (statement === undefined) return { kind: 'left_out' }
  const span = { start: statement.codeStart, end: statement.codeEnd }
  const facts = readStatementFacts(text, statement)
  const [word = ''] = facts.command.split(' ')
  if (WITHOUT_EFFECT.test(word) || /^SET\s+TRANSACTION\b/i.test(text.slice(span.start))) {
    return { kind: 'left_out' }
  }
  if (isOwn(text, span, recording)) return { kind: 'left_out' }
  if (!isQuery(facts, tag) || writesWithin(text, span)) return { kind: 'written' }
  const names = listNames(text, span)
  if (names.some(({ name, isCalled }) => isCalled && (EFFECTS.has(name) || recording.functions.has(name)))) {
    return { kind: 'written' }
  }
  const own = ownTables(recording.history)
  const tables = names.filter(
    ({ name, isCalled }) => !isCalled && recording.tables.has(name) && !own.has(name),
  )
  return tables.length === 0
    ? { kind: 'left_out' }
    : { kind: 'reads', tables: [...new Set(tables.map(({ name }) => name))] }
}

/** A WITH may end in a write. */
function isQuery({ isQuery: is, createdTable }: StatementFacts, tag: string): boolean {
  return is && createdTable === undefined && tag.startsWith('SELECT')
}

/** `WITH new AS (INSERT …) SELECT …` */
function writesWithin(text: string, span: Span): boolean {
  const words = [...tokens(text, span)]
  return words.some(
    ({ start, end }, index) =>
      words[index - 1]?.kind === 'open' && /^(?:insert|update|delete|merge)$/i.test(text.slice(start, end)),
  )
}

/** Whether it is about a table of the tool. */
function isOwn(text: string, span: Span, { history, ownSchema }: RecordingFacts): boolean {
  const own = ownTables(history)
  const objects = listTouchedObjects(text, span)
  return objects.some(
    (object) =>
      (object.kind === 'relation' && own.has(object.name) && isSameSchema(object.schema, history.schema)) ||
      (object.kind === 'schema' && object.name === ownSchema),
  )
}

/** The tool's tables: for its history, its lock, and what else it keeps. */
function ownTables({ name, known }: RecordedHistory): ReadonlySet<string> {
  return new Set([name, `${name}_lock`, `${name}_id_seq`, ...(known.companions ?? [])])
}

function isSameSchema(a: string | undefined, b: string | undefined): boolean {
  return a === undefined || b === undefined || a === b
}

interface UsedName {
  readonly name: string
  /** A function; else a relation after FROM, JOIN and the like, or anything else. */
  readonly isCalled: boolean
}

function listNames(text: string, span: Span): readonly UsedName[] {
  const words = [...tokens(text, span)]
  return words.flatMap(({ kind, start, end }, index): readonly UsedName[] => {
    if (kind !== 'word' && kind !== 'quoted_word') return []
    const written = text.slice(start, end)
    const name = kind === 'word' ? written.toLowerCase() : written.slice(1, -1)
    const next = words[index + 1]
    return [{ name, isCalled: next?.kind === 'open' }]
  })
}
