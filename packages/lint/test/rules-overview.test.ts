import { readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { LINT_RULE_IDS, LINT_RULES } from '../src/index.ts'

const PAGE = fileURLToPath(new URL('../../../docs/rules/README.md', import.meta.url))

// `UPDATE_DOCS=1 npx vitest run packages/lint/test` writes it again.
test('the overview of the rules has each with its weight', async () => {
  const rows = [...LINT_RULES.values()].map(
    ({ id, severity, summary }) => `| [\`${id}\`](${id}.md) | ${severity} | ${summary} |`,
  )
  const page = [
    '# Rules of lint',
    '',
    '[Lint](../lint.md) says how they are applied, allowed and weighed. The samples of these pages are executed in a test.',
    '',
    '| rule | weight | what is found |',
    '| --- | --- | --- |',
    ...rows,
    '',
  ].join('\n')
  if (process.env['UPDATE_DOCS'] === '1') await writeFile(PAGE, page)
  expect(await readFile(PAGE, 'utf8')).toBe(page)
})

test('there is one rule for each id, and no more than 40', () => {
  expect([...LINT_RULES.keys()].sort()).toEqual([...LINT_RULE_IDS].sort())
  expect(LINT_RULE_IDS.length).toBeLessThanOrEqual(40)
})
