import type { ScriptStatement, StepScript } from './step-script.ts'

/** Where in a script something happened. `index` counts statements from 0, verify statements included. */
export type FlightPlace =
  | { readonly kind: 'open' }
  | { readonly kind: 'statement'; readonly index: number; readonly statement: ScriptStatement }
  | { readonly kind: 'before_verify' }
  | { readonly kind: 'close' }

/** One message of a script. */
export interface FlightMessage {
  readonly place: FlightPlace
  readonly text: string
  readonly copyData?: string
}

/** COPY data of at least this many UTF-16 units drains the pipeline and streams. */
export const STREAMED_COPY_SIZE = 256 * 1024

/** Lists the messages of a script before the closing one, in order. */
export function* listMessages(script: StepScript): Iterable<FlightMessage> {
  yield { place: { kind: 'open' }, text: script.open }
  let isVerifying = false
  for (const [index, statement] of script.statements.entries()) {
    if (statement.kind === 'verify' && !isVerifying && script.beforeVerify !== undefined) {
      isVerifying = true
      yield { place: { kind: 'before_verify' }, text: script.beforeVerify }
    }
    const { text, copyData } = statement
    yield {
      place: { kind: 'statement', index, statement },
      text,
      ...(copyData && { copyData: script.source.text.slice(copyData.start, copyData.end) }),
    }
  }
}
