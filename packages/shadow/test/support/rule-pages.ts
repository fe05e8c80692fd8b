import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { LINT_RULE_IDS, type LintRuleId } from '@tidemark/lint'

/** The samples of a page of `docs/rules/`. */
export interface RulePage {
  readonly id: LintRuleId
  readonly text: string
  /** What is there before. */
  readonly schema: string
  /** What the rule finds. */
  readonly example: string
  /** Migrations, one after the other, in its place. */
  readonly safe: readonly string[]
}

const folder = fileURLToPath(new URL('../../../../docs/rules/', import.meta.url))

/** Reads the page of every rule. */
export function readRulePages(): readonly RulePage[] {
  return LINT_RULE_IDS.map((id) => {
    const text = readFileSync(`${folder}${id}.md`, 'utf8')
    const example = samplesUnder(text, 'Example')
    return {
      id,
      text,
      schema: example.length > 1 ? (example[0] ?? '') : 'SELECT 1;',
      example: example.at(-1) ?? '',
      safe: samplesUnder(text, 'The safe way'),
    }
  })
}

function samplesUnder(text: string, heading: string): readonly string[] {
  const [, after = ''] = text.split(`\n## ${heading}\n`)
  const [section = ''] = after.split('\n## ')
  return [...section.matchAll(/```sql\n([\s\S]*?)\n```/g)].map(([, sql = '']) => sql)
}
