import { SEPARATOR } from '../connection/file-statement.ts'
import type { ScriptStatement, StepScript } from './step-script.ts'

/** Where in a script something happened. `index` counts statements from 0, verify statements included. */
export type StatementPosition =
  | { readonly kind: 'open' }
  | { readonly kind: 'statement'; readonly index: number; readonly statement: ScriptStatement }
  | { readonly kind: 'tables_check'; readonly index: number; readonly statement: ScriptStatement }
  | { readonly kind: 'before_verify' }
  | { readonly kind: 'close' }

/** One part of a message: what it is, where in the message it begins, and how many answers it has. */
export interface MessagePart {
  readonly place: StatementPosition
  readonly start: number
  /** Undefined for the last part, which has all that remain. */
  readonly answers: number | undefined
}

/** One message of a script. */
export interface PipelinedMessage {
  readonly parts: readonly MessagePart[]
  readonly text: string
  readonly copyData?: string
}

/** COPY data of at least this many UTF-16 units drains the pipeline and streams. */
export const STREAMED_COPY_SIZE = 256 * 1024

/**
 * Lists the messages of a script, in order. `close` is asked for when its message is due, since answers of
 * those before may be needed for it; everything else is written in advance.
 */
export function* listMessages(script: StepScript, close: () => string): Iterable<PipelinedMessage> {
  const { statements, joins, beforeVerify } = script
  const opening = { place: { kind: 'open' }, text: script.open, answers: script.openCount } as const
  if (!joins.open) yield toMessage([opening])
  let isVerifying = false
  for (const [index, statement] of statements.entries()) {
    if (statement.kind === 'verify' && !isVerifying && beforeVerify !== undefined) {
      isVerifying = true
      yield toMessage([{ place: { kind: 'before_verify' }, text: beforeVerify, answers: 1 }])
    }
    const part = { place: { kind: 'statement', index, statement }, text: statement.text, answers: 1 } as const
    const isLast = index === statements.length - 1
    if (isLast && joins.close) {
      yield toMessage([...(joins.open ? [opening] : []), part, closing(close())])
      return
    }
    const { copyData } = statement
    yield {
      ...toMessage([part]),
      ...(copyData && { copyData: script.source.text.slice(copyData.start, copyData.end) }),
    }
    if (script.afterEach !== undefined && statement.kind === 'statement') {
      yield toMessage([
        { place: { kind: 'tables_check', index, statement }, text: script.afterEach, answers: 1 },
      ])
    }
  }
  yield toMessage([closing(close())])
}

interface WrittenPart {
  readonly place: StatementPosition
  readonly text: string
  readonly answers: number
}

function closing(text: string): WrittenPart {
  return { place: { kind: 'close' }, text, answers: 1 }
}

function toMessage(written: readonly WrittenPart[]): PipelinedMessage {
  const parts: MessagePart[] = []
  let text = ''
  for (const [at, { place, text: own, answers }] of written.entries()) {
    if (at > 0) text += SEPARATOR
    parts.push({ place, start: text.length, answers: at === written.length - 1 ? undefined : answers })
    text += own
  }
  return { parts, text }
}
