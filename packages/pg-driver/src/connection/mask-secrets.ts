import type { Span } from '@tidemark/core'

const LITERAL = String.raw`(?:[EeNn]|[Uu]&)?'(?:[^'\\]|\\.|'')*(?:'|$)|\$(?:[A-Za-z_]\w*)?\$[\s\S]*?\$(?:[A-Za-z_]\w*)?\$`
const SECRET = new RegExp(String.raw`(\b(?:PASSWORD|CONNECTION)\s+)(${LITERAL})`, 'gi')
const URL_PASSWORD = /(\b[a-z][a-z0-9+.-]*:\/\/[^\s:/?#'"]*:)([^\s'"]*)@/gi
const MASK = "'***'"

/** A text without its secrets, and where an offset of the original stands in it. */
export interface MaskedText {
  readonly text: string
  readonly mapOffset: (offset: number) => number
}

/**
 * Replaces the literals after `PASSWORD` and `CONNECTION` (in statements and in `OPTIONS (password …)`), and passwords in
 * URLs, by `***` (I11). Line breaks inside a masked literal are kept, so that line numbers stay right.
 *
 * @example maskSecrets("CREATE ROLE a PASSWORD 'x'") // "CREATE ROLE a PASSWORD '***'"
 */
export function maskSecrets(text: string): string {
  return maskText(text).text
}

/** Like {@link maskSecrets}, for texts into which positions point. */
export function maskText(text: string): MaskedText {
  const secrets = findSecrets(text)
  if (secrets.length === 0) return { text, mapOffset: (offset) => offset }
  let masked = ''
  let at = 0
  const shifts: { readonly end: number; readonly start: number; readonly maskedEnd: number }[] = []
  for (const { start, end, mask } of secrets) {
    masked += text.slice(at, start) + mask + '\n'.repeat(text.slice(start, end).split('\n').length - 1)
    shifts.push({ start, end, maskedEnd: masked.length })
    at = end
  }
  masked += text.slice(at)
  return { text: masked, mapOffset: (offset) => mapThrough(shifts, offset) }
}

function mapThrough(
  shifts: readonly { readonly start: number; readonly end: number; readonly maskedEnd: number }[],
  offset: number,
): number {
  let mapped = offset
  for (const { start, end, maskedEnd } of shifts) {
    if (offset <= start) break
    mapped = offset >= end ? maskedEnd + (offset - end) : maskedEnd
  }
  return mapped
}

function findSecrets(text: string): readonly (Span & { readonly mask: string })[] {
  const found: (Span & { readonly mask: string })[] = []
  for (const match of text.matchAll(SECRET)) {
    const start = match.index + (match[1]?.length ?? 0)
    found.push({ start, end: match.index + match[0].length, mask: MASK })
  }
  for (const match of text.matchAll(URL_PASSWORD)) {
    const start = match.index + (match[1]?.length ?? 0)
    const end = start + (match[2]?.length ?? 0)
    if (!found.some((other) => other.start < end && start < other.end))
      found.push({ start, end, mask: '***' })
  }
  return found.sort((a, b) => a.start - b.start)
}
