import type { SqlStatement } from '../../sql/statement.ts'

// Between two words of a command only white space is looked through: a comment there means a closer look,
// which is always right.
const PLAIN =
  /(?:insert|update|select|comment|grant|revoke|analyze|refresh|lock)\b|create\s+(?:or\s+replace\s+)?(?:table|view|function|procedure|policy|trigger|type|domain|schema|sequence|extension|materialized|aggregate)\b|create\s+(?:unique\s+)?index\s+(?![\s/-]|concurrently\b)|alter\s+table\b/iy

/** Beyond this an ALTER TABLE is looked at closely rather than searched for a word. */
const MAX_SEARCHED = 4096

/**
 * Tells at a glance that a statement of `@up` or `@down` is one that no check could refuse: most statements
 * of most files. `false` says nothing: then `readStatementFacts` decides.
 */
export function isPlainlyAllowed(text: string, { codeStart, codeEnd }: SqlStatement): boolean {
  PLAIN.lastIndex = codeStart
  const match = PLAIN.exec(text)
  if (match === null) return false
  if (!/^alter/i.test(match[0])) return true
  return codeEnd - codeStart <= MAX_SEARCHED && !/concurrently/i.test(text.slice(codeStart, codeEnd))
}
