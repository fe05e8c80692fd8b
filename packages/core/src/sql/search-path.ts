import { err, ok, type Result } from '../result.ts'
import { quoteIdentifier } from './quote-identifier.ts'

/** As the setting `searchPath` is given: a list of names, or one text with commas between them. */
export type GivenSearchPath = string | readonly string[]

/** PostgreSQL cuts off what is longer, so that two names could become one. */
const LONGEST_NAME = 63

const NEEDS = 'needs the names of schemas, such as "tenant_a,public"'

/**
 * Reads the setting `searchPath`. Names are taken as they are written, in upper and lower case; in a text,
 * one with a comma or blanks around it goes into double quotes, as in SQL. `$user` is the schema of the role.
 *
 * @returns the names, or what the setting needs
 * @example parseSearchPath('tenant_a, "a,b"') // ok: ['tenant_a', 'a,b']
 */
export function parseSearchPath(given: unknown): Result<readonly string[], string> {
  const names = typeof given === 'string' ? splitNames(given) : listNames(given)
  if (names === undefined || names.length === 0) return err(NEEDS)
  for (const name of names) {
    if (name === '') return err('has an empty name of a schema')
    if (name.includes('\0')) return err('has a name of a schema with a NUL')
    if (new TextEncoder().encode(name).length > LONGEST_NAME) {
      return err(`has the name "${name}", which is longer than ${LONGEST_NAME} bytes`)
    }
  }
  return ok(names)
}

/**
 * Writes a search path as the server's setting takes it, with every name in quotes.
 *
 * @example formatSearchPath(['tenant_a', 'public']) // '"tenant_a", "public"'
 */
export function formatSearchPath(names: readonly string[]): string {
  return names.map(quoteIdentifier).join(', ')
}

/**
 * Reads the value of `search_path` as the server does: what has no quotes is in lower case.
 *
 * @example readSearchPathSetting('Shop, "Shop"') // ['shop', 'Shop']
 */
export function readSearchPathSetting(value: string): readonly string[] {
  return (splitNames(value, (name) => name.toLowerCase()) ?? []).filter((name) => name !== '')
}

/**
 * Tells whether the server always finds a schema of this name, or decides by the role.
 *
 * @example isSpecialSchema('$user') // true
 */
export function isSpecialSchema(name: string): boolean {
  return name === '$user' || name === 'pg_temp' || name === 'pg_catalog'
}

/**
 * Says where the tracking tables are unless a schema is named: with the SQL, in the first schema of the search path,
 * so that schemas which one folder is applied to have records of their own.
 *
 * @param searchPath null and undefined: none is set
 * @example trackingSchemaOf(['tenant_a', 'public']) // 'tenant_a'
 */
export function trackingSchemaOf(searchPath: readonly string[] | null | undefined): string {
  const [first = 'public'] = searchPath ?? []
  return isSpecialSchema(first) ? 'public' : first
}

function splitNames(
  text: string,
  plain: (name: string) => string = (name) => name,
): readonly string[] | undefined {
  const parts = text.match(/(?:"(?:[^"]|"")*"|[^",])+|(?<=,|^)(?=,|$)/g) ?? []
  if (parts.join(',') !== text) return undefined
  return parts.map((part) => {
    const trimmed = part.trim()
    return /^"(?:[^"]|"")*"$/s.test(trimmed) ? trimmed.slice(1, -1).replaceAll('""', '"') : plain(trimmed)
  })
}

function listNames(given: unknown): readonly string[] | undefined {
  // Spread: `every` passes over what a list leaves out.
  return Array.isArray(given) && [...given].every((name) => typeof name === 'string') ? [...given] : undefined
}
