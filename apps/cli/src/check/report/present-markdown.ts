import { count } from '../../text/count.ts'
import { escapeControls } from '../../text/escape-controls.ts'
import { describeVerdict, listStatementFacts, RESULT_MARKS } from '../describe-check.ts'
import type { CheckDocument } from './check-document.ts'

/**
 * Writes a check for one comment of a pull request. The first line is hidden: by it a workflow finds the comment
 * that it is to update.
 *
 * @param folder the folder of the project in the repository, which is in the first line; `''` for the root
 */
export function presentMarkdown(document: CheckDocument, folder: string): string {
  const { json, problems, gaps } = document
  const findings = problems.map(({ severity, rule, message, details, helps, path, line }) => [
    `${ICONS[severity]} ${severity}`,
    [`<code>${escapeMarkdown(rule)}</code> ${cell(message)}`, ...details.map((one) => `• ${cell(one)}`)]
      .concat(helps.map((help) => `**help:** ${cell(help)}`))
      .join('<br>'),
    path === null ? '' : `<code>${escapeMarkdown(path)}${line === null ? '' : `:${line}`}</code>`,
  ])
  const facts = (json === null ? [] : listStatementFacts(json)).map(({ id, line, facts: some }) => [
    `<code>${escapeMarkdown(id)}</code>`,
    String(line),
    some.map(cell).join('<br>'),
  ])
  const locks = table(['migration', 'line', 'what its statement does'], facts, BUDGETS.facts)
  const blocks = [
    `<!-- tidemark check${folder === '' ? '' : ` ${encodeURI(folder)}`} -->\n### ${headingOf(document)}`,
    introOf(document),
    table(['', 'finding', 'file'], findings, BUDGETS.findings),
    gaps.length === 0 ? '' : '**Not checked**, so nothing is known about it:',
    table(
      ['migration', 'why'],
      gaps.map(({ id, why }) => [`<code>${escapeMarkdown(id)}</code>`, cell(why)]),
      BUDGETS.gaps,
    ),
    locks === ''
      ? ''
      : `<details><summary>Locks and work on tables that exist before (${facts.length})</summary>\n\n${locks}\n\n</details>`,
  ]
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`
}

const ICONS = { error: '❌', warning: '⚠️', note: 'ℹ️' } as const

/** GitHub takes comments of 65,536 characters. */
const BUDGETS = { findings: 34_000, gaps: 9_000, facts: 16_000 } as const
/** A longer text of one cell is cut. */
const LONGEST = 1000

function headingOf({ json }: CheckDocument): string {
  if (json === null) return '✗ tidemark check did not run'
  if (json.shadow === null) return '✓ tidemark check: nothing to check'
  return `${RESULT_MARKS[json.result]} tidemark check: ${describeVerdict(json)}`
}

function introOf({ json, why }: CheckDocument): string {
  if (json === null) return ''
  if (json.shadow === null) return `No migration is ${cell(why)}.`
  const checked = count(json.checked.length, 'migration')
  return `${checked} checked (${cell(why)}) on PostgreSQL ${cell(json.shadow.version)}.`
}

/** As many rows as fit, and how many there are beyond them. */
function table(heads: readonly string[], rows: readonly (readonly string[])[], budget: number): string {
  if (rows.length === 0) return ''
  const shown: string[] = []
  let used = 0
  for (const row of rows) {
    const line = `| ${row.join(' | ')} |`
    used += line.length
    if (used > budget) break
    shown.push(line)
  }
  const rest = rows.length - shown.length
  const more = rest === 0 ? [] : ['', `… and ${rest} more; the log of the job has all of them.`]
  return [`| ${heads.join(' | ')} |`, `|${' --- |'.repeat(heads.length)}`, ...shown, ...more].join('\n')
}

function cell(text: string): string {
  return escapeMarkdown(text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text)
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' }

/**
 * Markdown and HTML show the text as it is, in a cell of a table; `@down` mentions no user, and `#1` links to no
 * issue.
 */
function escapeMarkdown(text: string): string {
  return escapeControls(text)
    .replace(/[&<>]/g, (character) => ENTITIES[character] ?? character)
    .replace(/[\\`*_[\]~|]/g, '\\$&')
    .replace(/[@#](?=\w)/g, '$&&#8203;')
    .replace(/\r?\n/g, '<br>')
}
