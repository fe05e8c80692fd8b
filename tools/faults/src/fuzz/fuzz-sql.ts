import { Buffer } from 'node:buffer'
import {
  canonicalText,
  type Diagnostic,
  formatDiagnostic,
  normalizeText,
  parseMigration,
  readStatementFacts,
  sameTokens,
  scanSql,
} from '@tidemark/core'
import type { Random } from '../random.ts'
import { makeText } from './make-text.ts'

type Snippets = readonly [string, ...string[]]

/** The scanner gives every text back, the facts of every statement can be read, and a text has its own tokens. */
export function fuzzScanner(random: Random, snippets: Snippets): void {
  const text = makeText(random, snippets)
  const { statements } = scanSql(text, { markers: random.chance(0.5) })
  const joined = statements.map(({ start, end }) => text.slice(start, end)).join('')
  if (joined !== text) throw new Error(`the statements are not the text: ${JSON.stringify(text)}`)
  for (const statement of statements) readStatementFacts(text, statement)
  if (!sameTokens(text, text)) throw new Error(`not its own tokens: ${JSON.stringify(text)}`)
}

/** A file is parsed or refused with problems that can be shown; what is parsed has its text within its sections. */
export function fuzzParser(random: Random, snippets: Snippets): void {
  const text = makeText(random, snippets)
  const parsed = parseMigration({ path: 'migrations/001_a.sql', text: normalizeText(text) })
  show(parsed.ok ? parsed.value.notes : parsed.error, parsed.ok ? 'maybe none' : 'some')
}

/** Bytes become text with LF alone, or are refused. Of two byte order marks the second stays: it is content. */
export function fuzzBytes(random: Random, snippets: Snippets): void {
  const bytes = Buffer.from(makeText(random, snippets), random.pick(['utf8', 'latin1', 'utf16le']))
  const read = canonicalText(bytes, 'migrations/001_a.sql')
  if (!read.ok) show(read.error, 'some')
  else if (read.value.includes('\r')) throw new Error(`not normal: ${JSON.stringify(read.value)}`)
}

/** Renders diagnostics; a refusal without a reason is a fault. */
export function show(diagnostics: readonly Diagnostic[], expected: 'some' | 'maybe none'): void {
  if (expected === 'some' && diagnostics.length === 0) throw new Error('refused without a reason')
  for (const diagnostic of diagnostics.slice(0, 5)) {
    if (!formatDiagnostic(diagnostic).includes(diagnostic.code)) throw new Error('a code is not shown')
  }
}
