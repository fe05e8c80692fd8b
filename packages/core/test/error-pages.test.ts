import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { CODES } from '../src/diagnostic/codes.ts'
import { formatDiagnostic } from '../src/diagnostic/format-diagnostic.ts'
import { diagnoseFixture, listFixtures, readExpectedText } from './read-fixture.ts'

const PAGES = fileURLToPath(new URL('../../../docs/errors/', import.meta.url))
const codes = Object.entries(CODES)

test('every code has a page that says what happened, gives an example and a remedy', () => {
  const problems = codes.flatMap(([code, title]) => findPageProblems(code, title))
  expect(problems).toEqual([])
})

test('every page is of a code', () => {
  const known = new Set(['README.md', ...codes.map(([code]) => `${code}.md`)])
  expect(readdirSync(PAGES).filter((name) => !known.has(name))).toEqual([])
})

test('every code of files and of the graph has a fixture', () => {
  expect(listFixtures()).toEqual(
    codes
      .map(([code]) => code)
      .filter((code) => /^TM[12]/.test(code))
      .sort(),
  )
})

test.each(listFixtures())('the fixture of %s gives its code and prints as expected', async (code) => {
  const diagnostics = await diagnoseFixture(code)
  expect(diagnostics.map((diagnostic) => diagnostic.code)).toContain(code)
  const text = diagnostics.map((diagnostic) => formatDiagnostic(diagnostic)).join('\n\n')
  expect(text).toBe(readExpectedText(code))
})

test.each(listFixtures().filter((code) => code.startsWith('TM1')))(
  'the page of %s shows what its fixture prints',
  (code) => {
    expect(readPage(code)).toContain(`\`\`\`text\n${readExpectedText(code)}\n\`\`\``)
  },
)

function findPageProblems(code: string, title: string): string[] {
  if (!existsSync(`${PAGES}${code}.md`)) return [`${code}: no page`]
  const headings = readPage(code)
    .split('\n')
    .filter((line) => /^##? /.test(line))
  const wanted = [`# ${code}: ${title}`, '## What happened', '## Example', '## How to fix it']
  return headings.join('\n') === wanted.join('\n') ? [] : [`${code}: ${headings.join(' | ')}`]
}

function readPage(code: string): string {
  return readFileSync(`${PAGES}${code}.md`, 'utf8')
}
