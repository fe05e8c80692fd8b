import type { Span } from '../text/span.ts'
import { type Token, tokens } from './tokens.ts'

/** A text without its secrets, and where an offset of the original is in it. */
export interface MaskedText {
  readonly text: string
  readonly mapOffset: (offset: number) => number
}

interface Secret extends Span {
  readonly mask: string
}

const MAY_HOLD_SECRET = /passw|connection|:\/\//i
const SECRET_NAME = /^(?:.*password|.*passwd|connection)$/i
/**
 * A text that ends with the word, or goes on with a parameter of `format`: the secret comes later in the
 * statement.
 */
const SECRET_FOLLOWS = /\b(?:\w*password|connection)['"]?\s*(?:=\s*)?['"]?(?:%|\$\d|$)/i
const URL_PASSWORD = /(\b[a-z][a-z0-9+.-]*:\/\/[^\s:/?#'"]*:)([^\s'"]*)@/gi
const URL_PARAMETER = /([?&](?:ssl)?password=)([^\s'"&#]+)/gi
const CONNECTION_PASSWORD = /(\b(?:ssl)?password\s*=\s*)('(?:[^'\\]|\\.)*'|[^\s'"%$|]+)/gi
const PROSE_PASSWORD = /(\b(?:PASSWORD|CONNECTION)\s+)('(?:[^']|'')*(?:'|$))/gi
/** What may come between the name and its value: `=`, `:=`, `=>`, `TO`, and in a call `(` and `,`. */
const BETWEEN = /^(?:=|:=|=>|,|\(|to)$/i
const DEEPEST = 6

/**
 * Replaces the values of passwords and connection strings by `***`: after `PASSWORD` and `CONNECTION`, in
 * `OPTIONS`, in settings and arguments of that name, and in URLs (I11). It reads tokens, so comments may come
 * between, literals may go on in the next line, and strings and function bodies are looked into. Line breaks
 * are kept, so that line numbers stay right.
 *
 * @example maskSecrets("CREATE ROLE a PASSWORD 'x'") // "CREATE ROLE a PASSWORD '***'"
 */
export function maskSecrets(text: string): string {
  return maskText(text).text
}

/**
 * Like {@link maskSecrets}, for texts into which positions point.
 *
 * @example maskText("ALTER ROLE a PASSWORD 'hunter2' LOGIN").mapOffset(32) // 28, of LOGIN
 */
export function maskText(text: string): MaskedText {
  const secrets = MAY_HOLD_SECRET.test(text) ? findSecrets(text) : []
  if (secrets.length === 0) return { text, mapOffset: (offset) => offset }
  let masked = ''
  let at = 0
  const shifts: (Span & { readonly maskedEnd: number })[] = []
  for (const { start, end, mask } of secrets) {
    masked += text.slice(at, start) + mask + '\n'.repeat(text.slice(start, end).split('\n').length - 1)
    shifts.push({ start, end, maskedEnd: masked.length })
    at = end
  }
  masked += text.slice(at)
  return { text: masked, mapOffset: (offset) => mapThrough(shifts, offset) }
}

function mapThrough(shifts: readonly (Span & { readonly maskedEnd: number })[], offset: number): number {
  let mapped = offset
  for (const { start, end, maskedEnd } of shifts) {
    if (offset <= start) break
    mapped = offset >= end ? maskedEnd + (offset - end) : maskedEnd
  }
  return mapped
}

function findSecrets(text: string): readonly Secret[] {
  const found = [
    ...secretsOfSql(text, 0),
    ...matchesOf(text, URL_PASSWORD, '***').map((secret) => ({ ...secret, end: secret.end - 1 })),
    ...matchesOf(text, URL_PARAMETER, '***'),
    ...(mayBeProse(text) ? matchesOf(text, PROSE_PASSWORD, "'***'") : []),
  ]
  // Of those that overlap the first counts, and of two that begin together the longer one.
  const sorted = found.sort((a, b) => a.start - b.start || b.end - a.end)
  let end = 0
  return sorted.filter((secret) => {
    if (secret.start < end) return false
    end = secret.end
    return true
  })
}

/** An apostrophe of a message opens a string in which the literal would be code; the server quotes statements. */
function mayBeProse(text: string): boolean {
  return text.split("'").length % 2 === 0 || /^SQL (?:statement|expression) "/m.test(text)
}

function matchesOf(text: string, pattern: RegExp, mask: string): readonly Secret[] {
  return [...text.matchAll(pattern)].map((match) => ({
    start: match.index + (match[1]?.length ?? 0),
    end: match.index + match[0].length,
    mask,
  }))
}

/**
 * Whether the next string is a secret: `rest` for every one up to the end of the statement, `more` when it
 * goes on.
 */
type Expected = 'none' | 'value' | 'rest' | 'more'

function secretsOfSql(text: string, depth: number): readonly Secret[] {
  const found: Secret[] = []
  let expected: Expected = 'none'
  for (const token of tokens(text)) {
    const word = text.slice(token.start, token.end)
    switch (token.kind) {
      case 'line_comment':
      case 'block_comment':
      case 'psql_line':
        found.push(...secretsWithin(word.slice(2), (offset) => token.start + 2 + offset, depth))
        break
      case 'string':
      case 'string_continuation':
      case 'dollar_string': {
        const inner = interiorOf(word, token)
        if (
          expected === 'value' ||
          expected === 'rest' ||
          (expected === 'more' && token.kind === 'string_continuation')
        ) {
          if (depth === 0 || inner.end > inner.start)
            found.push(
              depth === 0 ? { start: token.start, end: token.end, mask: "'***'" } : { ...inner, mask: '***' },
            )
          if (expected === 'value') expected = 'more'
          break
        }
        const { content, toOuter } = decode(text, inner, /^e/i.test(word))
        found.push(...secretsWithin(content, toOuter, depth))
        expected = SECRET_NAME.test(content) ? 'value' : SECRET_FOLLOWS.test(content) ? 'rest' : 'none'
        break
      }
      case 'semicolon':
        expected = 'none'
        break
      case 'quoted_word':
        found.push(...secretsWithin(word.slice(1), (offset) => token.start + 1 + offset, depth))
        expected = expect(expected, token, word)
        break
      default:
        expected = expect(expected, token, word)
    }
  }
  return found
}

function expect(expected: Expected, { kind }: Token, word: string): Expected {
  if (expected === 'rest') return expected
  if (kind === 'word' && SECRET_NAME.test(word)) return 'value'
  if (kind === 'quoted_word' && SECRET_NAME.test(word.slice(1, -1))) return 'value'
  return expected === 'value' && BETWEEN.test(word) ? expected : 'none'
}

/** The secrets of a text in a text: of a string, a body or a comment. */
function secretsWithin(
  content: string,
  toOuter: (offset: number) => number,
  depth: number,
): readonly Secret[] {
  if (depth >= DEEPEST || !MAY_HOLD_SECRET.test(content)) return []
  const found = [...secretsOfSql(content, depth + 1), ...matchesOf(content, CONNECTION_PASSWORD, '***')]
  return found.map(({ start, end, mask }) => ({ start: toOuter(start), end: toOuter(end), mask }))
}

/** What is between the quotes of a string; the last one may be missing where a text was cut. */
function interiorOf(word: string, { kind, start, end }: Token): Span {
  const opening =
    kind === 'dollar_string' ? (/^\$[^$]*\$/.exec(word)?.[0] ?? '') : word.slice(0, word.indexOf("'") + 1)
  const closing = kind === 'dollar_string' ? opening : "'"
  const isClosed = word.length >= opening.length + closing.length && word.endsWith(closing)
  return { start: start + opening.length, end: isClosed ? end - closing.length : end }
}

/** Reads what a string holds, with the place of each character in the text around it. */
function decode(text: string, { start, end }: Span, isEscaped: boolean) {
  const raw = text.slice(start, end)
  const escapes = isEscaped ? /''|\\[\s\S]/g : /''/g
  if (text[start - 1] !== "'" || raw.search(escapes) < 0) {
    return { content: raw, toOuter: (offset: number) => start + offset }
  }
  const places: number[] = []
  const content = raw.replace(escapes, (pair, place: number) => {
    places.push(place - places.length)
    return pair.slice(1)
  })
  // Each pair before an offset makes the text around it one character longer.
  return {
    content,
    toOuter: (offset: number) => start + offset + places.filter((place) => place < offset).length,
  }
}
