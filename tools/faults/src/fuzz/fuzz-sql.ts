import { Buffer } from 'node:buffer'
import {
  canonicalText,
  type Diagnostic,
  formatDiagnostic,
  type Migration,
  normalizeText,
  parseMigration,
  readStatementFacts,
  sameTokens,
  scanSql,
} from '@tidemark/core'
import type { Random } from '../random.ts'
import { makeText } from './make-text.ts'

type Snippets = readonly [string, ...string[]]

/**
 * The scanner gives every text back, the facts of every statement can be read, and a text has its own tokens.
 */
export function fuzzScanner(random: Random, snippets: Snippets): void {
  const text = makeText(random, snippets)
  const { statements } = scanSql(text, { markers: random.chance(0.5) })
  const joined = statements.map(({ start, end }) => text.slice(start, end)).join('')
  if (joined !== text) throw new Error(`the statements are not the text: ${JSON.stringify(text)}`)
  for (const statement of statements) readStatementFacts(text, statement)
  if (!sameTokens(text, text)) throw new Error(`not its own tokens: ${JSON.stringify(text)}`)
}

/**
 * A file is parsed or refused with problems that can be shown; what is parsed has its text within its
 * sections.
 */
export function fuzzParser(random: Random, snippets: Snippets): void {
  const text = makeText(random, snippets)
  const parsed = parseMigration({ path: PATH, text: normalizeText(text) })
  show(parsed.ok ? parsed.value.notes : parsed.error, parsed.ok ? 'maybe none' : 'some')
  if (parsed.ok) expectWithinSections(parsed.value.migration)
}

/** A statement lies within its section, and sections do not overlap. */
function expectWithinSections({ up, down, verify, source }: Migration): void {
  const sections = [up, down, verify].filter((section) => section !== undefined)
  for (const { body, statements } of sections) {
    const isOutside = statements.some(({ start, end }) => start < body.start || end > body.end)
    if (isOutside) throw new Error(`a statement outside its section: ${JSON.stringify(source.text)}`)
  }
  const spans = sections
    .flatMap(({ marker, body }) => [marker, body])
    .toSorted((one, other) => one.start - other.start || one.end - other.end)
  const overlaps = spans.some(({ start }, at) => start < (spans[at - 1]?.end ?? 0))
  if (overlaps) throw new Error(`sections overlap: ${JSON.stringify(source.text)}`)
}

/**
 * Bytes become text with LF alone and without NUL, or are refused. Of two byte order marks the second stays:
 * it is content. A checkout with CRLF and a byte order mark is the same text.
 */
export function fuzzBytes(random: Random, snippets: Snippets): void {
  const text = makeText(random, snippets)
  const bytes = Buffer.from(text, random.pick(['utf8', 'latin1', 'utf16le']))
  if (bytes.length > 0 && random.chance(0.3)) {
    bytes[random.integer(0, bytes.length - 1)] = random.pick([0, 0x0d, 0x80, 0xc0, 0xed, 0xf8, 0xff])
  }
  const read = canonicalText(bytes, PATH)
  if (!read.ok) {
    show(read.error, 'some')
    return
  }
  if (/[\r\0]/.test(read.value)) throw new Error(`not normal: ${JSON.stringify(read.value)}`)
  const elsewhere = canonicalText(Buffer.from(`\uFEFF${read.value.replaceAll('\n', '\r\n')}`), PATH)
  if (!elsewhere.ok || elsewhere.value !== read.value) {
    throw new Error(`another text on Windows: ${JSON.stringify(read.value)}`)
  }
}

const PATH = 'migrations/001_a.sql'

/** Renders diagnostics; a refusal without a reason is a fault. */
export function show(diagnostics: readonly Diagnostic[], expected: 'some' | 'maybe none'): void {
  if (expected === 'some' && diagnostics.length === 0) throw new Error('refused without a reason')
  for (const diagnostic of diagnostics.slice(0, 5)) {
    if (!formatDiagnostic(diagnostic).includes(diagnostic.code)) throw new Error('a code is not shown')
  }
}
