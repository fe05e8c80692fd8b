import { quoteIdentifier } from '../quote-identifier.ts'

/** A name as the catalogs have it: unquoted parts folded to lower case, quotes taken off, cut to 63 bytes. */
export interface RelationName {
  readonly schema?: string
  readonly name: string
}

const MAX_NAME_BYTES = 63

/**
 * Reads one part of a name: `Orders` is `orders`, `"Order ""x"""` is `Order "x"`, and `U&"…"` has its escapes resolved.
 * What is longer than 63 bytes is cut between characters, as the server does (manual, 4.1.1).
 *
 * @example unquoteName('"Users"') // Users
 */
export function unquoteName(token: string): string {
  const name = withoutQuotes(token)
  // No character takes more than three bytes a UTF-16 unit.
  return name.length * 3 <= MAX_NAME_BYTES ? name : cutToBytes(name)
}

function cutToBytes(name: string): string {
  let bytes = 0
  let end = 0
  for (const character of name) {
    bytes += bytesOf(character.codePointAt(0) ?? 0)
    if (bytes > MAX_NAME_BYTES) return name.slice(0, end)
    end += character.length
  }
  return name
}

function bytesOf(point: number): number {
  if (point < 0x80) return 1
  if (point < 0x800) return 2
  return point < 0x10000 ? 3 : 4
}

function withoutQuotes(token: string): string {
  if (token.startsWith('"')) return token.slice(1, -1).replaceAll('""', '"')
  if (/^u&"/i.test(token)) return resolveEscapes(token.slice(3, -1).replaceAll('""', '"'))
  return token.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())
}

function resolveEscapes(text: string): string {
  return text.replace(
    /\\(?:\\|([0-9A-Fa-f]{4})|\+([0-9A-Fa-f]{6}))/g,
    (whole, short?: string, long?: string) => {
      const point = Number.parseInt(short ?? long ?? '5c', 16)
      return point <= 0x10ffff ? String.fromCodePoint(point) : whole
    },
  )
}

/**
 * Writes a name for people: `app.orders`, quoted where it must be.
 *
 * @example formatRelationName({ schema: 'app', name: 'Order' }) // app."Order"
 */
export function formatRelationName({ schema, name }: RelationName): string {
  return schema === undefined ? quote(name) : `${quote(schema)}.${quote(name)}`
}

function quote(part: string): string {
  return /^[a-z_][a-z0-9_$]*$/.test(part) ? part : quoteIdentifier(part)
}
