import { diagnose } from '../../diagnostic/diagnose.ts'
import type { Diagnostic } from '../../diagnostic/diagnostic.ts'
import type { SourceFile } from '../../text/source-file.ts'
import type { Span } from '../../text/span.ts'
import { ID_RULE, isMigrationId } from '../model/migration-id.ts'
import type { HeaderEntry } from './header-entries.ts'
import { HEADER_KEYS } from './header-keys.ts'

/** The items of a list in their order, each with its place, and what is wrong with them. */
export interface HeaderList {
  readonly items: readonly string[]
  readonly spans: readonly Span[]
  readonly diagnostics: readonly Diagnostic[]
}

/**
 * Reads `[]`, `[a, b]` or `a, b`, over one line or several. A comma after the last item is allowed. TM1009
 * for anything else, TM1030 for a repeated item.
 */
export function readHeaderList(source: SourceFile, entry: HeaderEntry): HeaderList {
  const { text } = source
  const spans: Span[] = []
  const diagnostics: Diagnostic[] = []
  const wrong = (span: Span, message: string, help: string): void => {
    diagnostics.push(diagnose(source, { code: 'TM1009', span, message, help }))
  }
  const key = HEADER_KEYS[entry.field]
  const open = text[entry.value[0].start] === '[' ? entry.value[0].start : undefined
  let closed = open === undefined
  let wantsComma = false
  for (const token of listTokens(text, entry)) {
    const word = text.slice(token.start, token.end)
    if (token.start === open) continue
    if (open !== undefined && closed) {
      wrong(token, `text after the list of "${key}"`, 'remove everything after the "]"')
      break
    }
    if (word === ']' && open !== undefined) closed = true
    else if (word === ',') {
      if (!wantsComma) wrong(token, `a comma without an item before it in "${key}"`, 'remove the comma')
      wantsComma = false
    } else {
      if (wantsComma)
        wrong(token, `missing comma before "${word}"`, `separate the items of "${key}" with commas`)
      wantsComma = true
      if (isMigrationId(word)) spans.push(token)
      else wrong(token, `"${word}" is not allowed in "${key}"`, `an item has ${ID_RULE}, without quotes`)
    }
  }
  if (open !== undefined && !closed) {
    // What follows an open bracket is not meant as items: only the bracket is reported.
    diagnostics.length = 0
    wrong({ start: open, end: open + 1 }, `the bracket of "${key}" is never closed`, 'end the list with "]"')
  }
  return dropRepeated(source, key, spans, diagnostics)
}

function* listTokens(text: string, entry: HeaderEntry): Generator<Span> {
  for (const part of entry.value) {
    const pattern = /[[\],]|[^[\],\s]+/gy
    const blank = /\s*/y
    let at = part.start
    while (at < part.end) {
      blank.lastIndex = at
      blank.test(text)
      pattern.lastIndex = blank.lastIndex
      const match = pattern.exec(text)
      if (match === null || match.index >= part.end) break
      at = pattern.lastIndex
      yield { start: match.index, end: at }
    }
  }
}

function dropRepeated(
  source: SourceFile,
  key: string,
  all: readonly Span[],
  diagnostics: Diagnostic[],
): HeaderList {
  const places = new Map<string, Span>()
  for (const span of all) {
    const item = source.text.slice(span.start, span.end)
    const earlier = places.get(item)
    if (earlier === undefined) places.set(item, span)
    else {
      const related = [{ message: 'first listed here', source, span: earlier }]
      const message = `"${item}" is listed twice in "${key}"`
      const help = 'remove one of the two'
      diagnostics.push(
        diagnose(source, { code: 'TM1030', severity: 'warning', span, message, help, related }),
      )
    }
  }
  return { items: [...places.keys()], spans: [...places.values()], diagnostics }
}
