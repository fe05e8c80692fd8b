import { quoteIdentifier } from '../../sql/quote-identifier.ts'
import type { VariableReference } from './find-references.ts'

/**
 * Writes a value as SQL, as psql does: an identifier with its quotes doubled, or a string that means the same
 * whatever `standard_conforming_strings` says. Of a value with a backslash that is an `E'…'`, behind a space.
 *
 * @example quoteValue("O'Hara", 'literal') // "'O''Hara'"
 */
export function quoteValue(value: string, form: VariableReference['form']): string {
  if (form === 'identifier') return quoteIdentifier(value)
  const doubled = value.replaceAll("'", "''")
  return value.includes('\\') ? ` E'${doubled.replaceAll('\\', '\\\\')}'` : `'${doubled}'`
}
