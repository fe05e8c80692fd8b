import { diagnose } from '../../diagnostic/diagnose.ts'
import type { Diagnostic } from '../../diagnostic/diagnostic.ts'
import type { SourceFile } from '../../text/source-file.ts'
import type { Span } from '../../text/span.ts'
import type { HeaderVariable } from '../model/migration.ts'
import type { HeaderEntry } from './header-entries.ts'

/** The variables of a header in their order, each with its place, and what is wrong with the list. */
export interface HeaderVariables {
  readonly variables: readonly HeaderVariable[]
  readonly spans: readonly Span[]
  readonly diagnostics: readonly Diagnostic[]
}

const ITEM = /^([A-Za-z_][A-Za-z0-9_]*)(?:\s+(secret))?$/i
const HELP = 'write "-- Variables: [app_role, password secret]": names of letters, digits and "_"'

/** Reads `[a, b secret]`, over one line or several. TM1009 for anything else, TM1030 for a repeated name. */
export function readHeaderVariables(source: SourceFile, entry: HeaderEntry): HeaderVariables {
  const diagnostics: Diagnostic[] = []
  const variables = new Map<string, HeaderVariable>()
  const spans: Span[] = []
  const wrong = (span: Span, message: string) =>
    diagnostics.push(diagnose(source, { code: 'TM1009', span, message, help: HELP }))
  const all = { start: entry.value[0].start, end: entry.value.at(-1)?.end ?? entry.value[0].end }
  const written = source.text.slice(all.start, all.end)
  const isBracketed = written.startsWith('[')
  if (isBracketed !== /\]\s*$/.test(written) || /[[\]]/.test(written.slice(1, -1))) {
    wrong({ start: all.start, end: all.start + 1 }, 'the list of "Variables" is not in one pair of brackets')
    return { variables: [], spans, diagnostics }
  }
  for (const span of listItems(source.text, entry)) {
    const match = ITEM.exec(source.text.slice(span.start, span.end))
    const name = match?.[1]
    if (name === undefined) wrong(span, `"${source.text.slice(span.start, span.end)}" is not a variable`)
    else if (variables.has(name)) wrong(span, `"${name}" is listed twice in "Variables"`)
    else {
      variables.set(name, { name, secret: match?.[2] !== undefined })
      spans.push({ start: span.start, end: span.start + name.length })
    }
  }
  if (variables.size === 0 && diagnostics.length === 0) wrong(entry.key, '"Variables" names no variable')
  return { variables: [...variables.values()], spans, diagnostics }
}

/** What lies between brackets and commas, without the blanks around it; line by line. */
function* listItems(text: string, entry: HeaderEntry): Generator<Span> {
  for (const { start, end } of entry.value) {
    for (const match of text.slice(start, end).matchAll(/[^[\],\s](?:[^[\],]*[^[\],\s])?/g)) {
      yield { start: start + match.index, end: start + match.index + match[0].length }
    }
  }
}
