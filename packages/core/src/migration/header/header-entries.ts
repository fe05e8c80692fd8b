import { diagnose } from '../../diagnostic/diagnose.ts'
import type { Diagnostic } from '../../diagnostic/diagnostic.ts'
import type { SourceFile } from '../../text/source-file.ts'
import type { Span } from '../../text/span.ts'
import { findNearMiss } from './find-near-miss.ts'
import { findHeaderField, HEADER_KEYS, type HeaderField } from './header-keys.ts'
import type { HeaderLine } from './header-lines.ts'

/** One `-- Key: value` of a header, its value not yet read. */
export interface HeaderEntry {
  readonly field: HeaderField
  readonly key: Span
  /** The value, and the further comment lines that an open bracket takes in. */
  readonly value: readonly [Span, ...Span[]]
}

/** The entries by field, and what is wrong with the keys. */
export interface HeaderEntries {
  readonly entries: ReadonlyMap<HeaderField, HeaderEntry>
  readonly diagnostics: readonly Diagnostic[]
}

// Blanks may be no-break spaces, and a colon full-width: text comes from web pages and input methods, and a
// key must not be lost in silence.
const KEY_LINE = /([A-Za-z][A-Za-z_-]*(?:[^\S\n]+[A-Za-z_-]+){0,3})[^\S\n]*[:：](?!:)[^\S\n]*/y
const KEYS = Object.values(HEADER_KEYS)
const KEYS_BY_LOWER: ReadonlyMap<string, string> = new Map(KEYS.map((key) => [key.toLowerCase(), key]))

/**
 * Finds the entries among a header's comment lines: TM1004 for a key given twice, TM1005 for a near miss of
 * one, TM1009 for a list below its key.
 */
export function findHeaderEntries(source: SourceFile, lines: readonly HeaderLine[]): HeaderEntries {
  const entries = new Map<HeaderField, HeaderEntry>()
  const diagnostics: Diagnostic[] = []
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index]
    const key = line === undefined ? undefined : readKey(source.text, line)
    if (line === undefined || key === undefined) continue
    const field = findHeaderField(source.text.slice(key.start, key.end))
    if (field === undefined) {
      diagnostics.push(...misspeltKey(source, key))
      continue
    }
    const first: Span = { start: key.valueStart, end: line.end }
    const more = isList(field) ? continuation(source.text, first, lines, index + 1) : []
    const next = lines[index + 1]
    if (isList(field) && first.start === first.end && next !== undefined && isItem(source.text, next)) {
      diagnostics.push(listBelow(source, field, next))
    }
    const entry: HeaderEntry = { field, key, value: [first, ...more] }
    const earlier = entries.get(field)
    if (earlier === undefined) entries.set(field, entry)
    else diagnostics.push(givenTwice(source, entry, earlier))
    index += more.length
  }
  return { entries, diagnostics }
}

function readKey(text: string, line: Span): (Span & { readonly valueStart: number }) | undefined {
  KEY_LINE.lastIndex = line.start
  const match = KEY_LINE.exec(text)
  if (match === null || KEY_LINE.lastIndex > line.end + 1) return undefined
  const [, key = ''] = match
  const end = line.start + key.length
  return { start: line.start, end, valueStart: Math.min(KEY_LINE.lastIndex, line.end) }
}

const LISTS: ReadonlySet<HeaderField> = new Set([
  'dependsOn',
  'replaces',
  'tags',
  'environments',
  'variables',
])

function isList(field: HeaderField): boolean {
  return LISTS.has(field)
}

/**
 * Takes in the lines that follow while a bracket is open, but none that is `Word: text`: then the bracket was
 * forgotten.
 */
function continuation(text: string, first: Span, lines: readonly HeaderLine[], from: number): Span[] {
  if (text[first.start] !== '[') return []
  const more: Span[] = []
  let last: Span = first
  for (let index = from; !text.slice(last.start, last.end).includes(']'); index += 1) {
    const line = lines[index]
    if (line === undefined || !line.isNext || readKey(text, line) !== undefined) break
    more.push(line)
    last = line
  }
  return more
}

// A bracket, a bullet with a word, or ids: a list as other formats begin it below its key. Other text is a
// comment.
const LIST_BELOW = /(?:\[|[*•-]\s+[A-Za-z0-9]|[A-Za-z0-9][A-Za-z0-9._-]*\s*(?:,|$))/y

function isItem(text: string, line: HeaderLine): boolean {
  if (!line.isNext || readKey(text, line) !== undefined) return false
  LIST_BELOW.lastIndex = 0
  return LIST_BELOW.test(text.slice(line.start, line.end))
}

function listBelow(source: SourceFile, field: HeaderField, { start, end }: HeaderLine): Diagnostic {
  const key = HEADER_KEYS[field]
  const message = `the list of "${key}" starts on the line below its key`
  const help = `start it on the same line as the key: "-- ${key}: [a, b]"; an empty list is "[]"`
  return diagnose(source, { code: 'TM1009', span: { start, end }, message, help })
}

function misspeltKey(source: SourceFile, key: Span): Diagnostic[] {
  const word = source.text.slice(key.start, key.end)
  const meant = findMeantKey(word)
  if (meant === undefined) return []
  return [
    diagnose(source, {
      code: 'TM1005',
      span: { start: key.start, end: key.end },
      message: `unknown header key "${word}"`,
      help: `did you mean "${meant}"? If it is an ordinary comment, put another word before the colon`,
    }),
  ]
}

/**
 * Finds the key that a word was probably meant to be. `Depends` alone would lose an edge in silence, so it
 * counts as a near miss too.
 */
export function findMeantKey(word: string): string | undefined {
  const lower = word.toLowerCase().replace(/\s+/g, ' ')
  if (lower === 'depends' || lower === 'depend') return HEADER_KEYS.dependsOn
  return KEYS_BY_LOWER.get(findNearMiss(lower, KEYS_BY_LOWER.keys()) ?? '')
}

function givenTwice(source: SourceFile, entry: HeaderEntry, earlier: HeaderEntry): Diagnostic {
  return diagnose(source, {
    code: 'TM1004',
    span: entry.key,
    message: `header key "${HEADER_KEYS[entry.field]}" is given twice`,
    help: 'keep one of the two lines',
    related: [{ message: 'first given here', source, span: earlier.key }],
  })
}
