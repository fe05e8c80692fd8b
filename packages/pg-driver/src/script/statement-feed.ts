import { countStatements, type LargeContent, type LargeStatement } from '@tidemark/core'
import { isServerError } from '../connection/sql-state.ts'
import { locateCopyLine, readCopyPlace } from './locate-copy.ts'
import { type ExecutableStep, listScriptStatements, type ScriptStatement } from './step-script.ts'

/** The statements of a step in order, whether they are in memory or in a large file. */
export interface StatementFeed {
  /** How many there are before verify. */
  readonly count: number
  /** Begins anew with each call. */
  read(signal?: AbortSignal): Iterable<ScriptStatement> | AsyncIterable<ScriptStatement>
  readonly verify: readonly ScriptStatement[]
}

/** Opens what a step runs. */
export function openFeed(step: ExecutableStep): StatementFeed {
  const statements = listScriptStatements(step)
  const verify = statements.filter(({ kind }) => kind === 'verify')
  const large = step.kind === 'apply' ? step.migration.large : undefined
  if (step.kind === 'apply' && large !== undefined) {
    return { count: countStatements(step.migration), read: (signal) => readLarge(large, signal), verify }
  }
  const sql = statements.filter(({ kind }) => kind === 'statement')
  return { count: sql.length, read: () => sql, verify }
}

async function* readLarge(
  large: LargeContent,
  signal: AbortSignal | undefined,
): AsyncGenerator<ScriptStatement> {
  for await (const statement of large.readUp(signal)) yield asScript(large, statement)
}

function asScript(large: LargeContent, { part, statement, copyData }: LargeStatement): ScriptStatement {
  const { source } = part
  const span = { start: statement.codeStart, end: statement.codeEnd }
  return {
    kind: 'statement',
    source,
    span,
    text: source.text.slice(span.start, span.end),
    part: {
      of: large,
      get startBytes() {
        return part.startBytes
      },
    },
    ...(copyData === undefined ? {} : { copyStream: copyData }),
  }
}

const ROWS = /insert\b/iy

/** Tells without parsing that a statement of a large file adds rows, of which there may be very many. */
export function isOnlyRows({ part, text }: ScriptStatement): boolean {
  ROWS.lastIndex = 0
  return part !== undefined && ROWS.test(text)
}

/**
 * Gives a statement of a large file the line numbers of that file, so that an error can be shown in its
 * place: for an error in COPY data the line of the data. Others are returned as they are.
 */
export async function locateLarge(statement: ScriptStatement, error: Error): Promise<ScriptStatement> {
  const { part, source, span } = statement
  if (part === undefined) return statement
  const { source: whole, shift } = await part.of.locate({ source, startBytes: part.startBytes })
  const moved = { start: span.start + shift, end: span.end + shift }
  const place =
    statement.copyStream === undefined || !isServerError(error) ? undefined : readCopyPlace(error.where)
  if (place === undefined) return { ...statement, source: whole, span: moved }
  const line = whole.text.slice(0, moved.end).split('\n').length + place.line
  const data = await part.of.readLine(line)
  const start = line - 1
  const copyData = { start, end: data.text.length }
  const found = locateCopyLine(data, copyData, { ...place, line: 1 }) ?? copyData
  return { ...statement, source: data, span: found, text: '' }
}
