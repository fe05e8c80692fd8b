import { quoteIdentifier } from '../quote-identifier.ts'

/**
 * A name as the catalogs have it: unquoted parts folded to lower case, quotes taken off. Only the server can
 * cut a long one: where depends on the database's encoding (manual, 4.1.1). `to_regclass` and casts to `name`
 * do it.
 */
export interface RelationName {
  readonly schema?: string
  readonly name: string
}

/**
 * Reads one part of a name: `Orders` is `orders`, `"Order ""x"""` is `Order "x"`, and `U&"…"` has its escapes
 * resolved.
 *
 * @example unquoteName('"Users"') // Users
 */
export function unquoteName(token: string): string {
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
