import { readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { isLintRuleId, type LintedMigration } from '@tidemark/lint'
import { expect, test } from 'vitest'
import { type LintCase, readLintCases } from '../support/lint-cases.ts'
import { execute, lint, toMigration, useScratch } from '../support/lint-sql.ts'

const PAGE = fileURLToPath(new URL('../../../../docs/lint.md', import.meta.url))
const cases = readLintCases()

const scratch = useScratch()

test('each planted mistake has a twin without it, of the same rule', () => {
  expect(cases.length).toBeGreaterThanOrEqual(60)
  for (const { name, kind, rule } of cases) {
    const twin = name.replace(/\.\w+$/, kind === 'safe' ? '.planted' : '.safe')
    expect(cases.find((one) => one.name === twin)?.rule).toBe(rule)
    expect(isLintRuleId(rule)).toBe(true)
  }
})

// `UPDATE_DOCS=1 npx vitest run packages/shadow/test/lint/cases.test.ts` writes the table again.
test('finds what the table of docs/lint.md says, and misses what it names', async () => {
  const wrong: LintCase[] = []
  for (const one of cases) {
    const rules = await listRules(one)
    if (rules.has(one.rule) !== (one.kind === 'planted')) wrong.push(one)
  }
  const page = await readFile(PAGE, 'utf8')
  const written = page.replace(
    /(<!-- cases -->\n)[\s\S]*?(?=\n<!-- end of cases -->)/,
    (_, mark: string) => `${mark}\n${table(wrong)}\n`,
  )
  if (process.env['UPDATE_DOCS'] === '1') await writeFile(PAGE, written)
  expect(page).toBe(written)
})

async function listRules({ before, migration }: LintCase): Promise<ReadonlySet<string>> {
  const failing = toMigration('002', migration)
  const [schema, found] = await execute(scratch.connection, [before, migration]).catch(() =>
    execute(scratch.connection, [before]),
  )
  const planted: LintedMigration = found ?? {
    migration: failing,
    before: schema?.after ?? { objects: new Map() },
    after: schema?.after ?? { objects: new Map() },
    observed: null,
  }
  return new Set((await lint([planted])).map(({ rule }) => rule))
}

function table(wrong: readonly LintCase[]): string {
  const categories = [...new Set(cases.map(({ category }) => category))]
  const rows = categories.map((category) => {
    const of = (kind: LintCase['kind'], list: readonly LintCase[]) =>
      list.filter((one) => one.category === category && one.kind === kind).length
    const planted = of('planted', cases)
    return `| ${category} | ${planted - of('planted', wrong)} of ${planted} | ${of('safe', wrong)} of ${of('safe', cases)} |`
  })
  const count = (kind: LintCase['kind'], list: readonly LintCase[]) =>
    list.filter((one) => one.kind === kind).length
  const all = `| all | ${count('planted', cases) - count('planted', wrong)} of ${count('planted', cases)} | ${count('safe', wrong)} of ${count('safe', cases)} |`
  const missed = wrong.map(
    ({ name, rule, kind }) => `- \`${name}\`: ${rule} ${kind === 'planted' ? 'misses it' : 'finds it'}`,
  )
  return [
    '| category | planted mistakes found | false alarms on their twins |',
    '| --- | --- | --- |',
    ...rows,
    all,
    ...(missed.length === 0 ? [] : ['', ...missed]),
  ].join('\n')
}
