import type { CompiledStatement } from './compiled-statement.ts'
import { renumberParameters } from './renumber-parameters.ts'

/**
 * Writes a statement as one text without parameters, so that it can travel with others in one message of the
 * simple protocol. Values become `E'…'` strings, which read alike under any `standard_conforming_strings`.
 * Only for statements whose own text holds no string or identifier with `$1` in it but the schema's name,
 * which is passed over.
 *
 * @example inlineParameters({ sql: 'select cast($1 as text)', parameters: ["it's"] }) // select cast(E'it''s' as text)
 */
export function inlineParameters(statement: CompiledStatement): string {
  return renumberParameters(statement.sql, (place) => quoteParameter(statement.parameters[place - 1]))
}

/** Writes one value as SQL that reads alike under any `standard_conforming_strings`. */
export function quoteParameter(value: unknown): string {
  if (value === null) return 'null'
  if (typeof value === 'number') return Number.isFinite(value) ? `'${value}'` : `'NaN'`
  if (typeof value !== 'string') throw new TypeError(`a parameter of type ${typeof value} cannot be inlined`)
  return `E'${value.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`
}
