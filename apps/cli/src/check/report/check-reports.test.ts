import { readFileSync } from 'node:fs'
import { TidemarkError } from '@tidemark/core'
import Ajv from 'ajv-draft-04'
import addFormats from 'ajv-formats'
import { expect, test } from 'vitest'
import { presentJunit } from '../../report/present-junit.ts'
import type { Problem } from '../../report/problem.ts'
import type { CheckJson } from '../../schema/check-schemas.ts'
import { type CheckDocument, documentOfFailure } from './check-document.ts'
import { presentMarkdown } from './present-markdown.ts'
import { presentSarif } from './present-sarif.ts'

const users = { schema: 'public', name: 'users', kind: 'table', new: false }
const json: CheckJson = {
  result: 'findings',
  cached: false,
  shadow: { engine: 'pglite', version: '18.1' },
  checked: ['002_a', '003_b'],
  parts: ['order', 'reversibility', 'statements'],
  findings: (['error', 'warning'] as const).map((severity) => ({
    part: 'order',
    rule: 'order-differs',
    severity,
    id: '003_b',
    others: [],
    path: 'migrations/003_b.sql',
    line: null,
    message: 'as below',
    details: [],
    safeSql: null,
    rewrite: null,
    page: null,
    edits: [],
  })),
  gaps: [{ part: null, id: '002_a', why: 'as below' }],
  order: { pairs: 1, executed: 1, replays: 1 },
  closure: null,
  reversibility: [],
  statements: [
    {
      id: '003_b',
      untraced: null,
      statements: [
        {
          line: 3,
          durationMs: 1,
          locks: [
            { relation: users, mode: 'ACCESS EXCLUSIVE' },
            { relation: users, mode: 'ROW EXCLUSIVE' },
            { relation: { ...users, name: 'fresh', new: true }, mode: 'ACCESS EXCLUSIVE' },
          ],
          rewrites: [users],
          scans: [users],
          indexBuilds: [{ index: { ...users, name: 'users_pkey', kind: 'index' }, table: users }],
          rows: [],
        },
      ],
    },
  ],
  fix: null,
}

const problem = (given: Partial<Problem>): Problem => ({
  rule: 'order-differs',
  severity: 'error',
  message: 'the schema depends on whether "002_a" or "003_b" runs first',
  details: ['column public.users.age: type is "text" instead of "integer"'],
  helps: ['add 002_a to `Depends on` of 003_b'],
  path: 'migrations/003_b.sql',
  line: null,
  column: null,
  text: 'as on a terminal',
  ...given,
})
const HOSTILE = '<b>|`@ada #1 *x*\n\u001b[31m</b> & "q" 100%'
const findings = [
  problem({}),
  problem({
    rule: 'down-fails',
    severity: 'warning',
    message: HOSTILE,
    details: [],
    helps: [],
    path: 'my migrations/ü%.sql',
    line: 6,
  }),
]
const document: CheckDocument = {
  json,
  why: 'new or edited since main',
  paths: ['migrations/002_a.sql', 'migrations/003_b.sql'],
  problems: findings,
  gaps: [{ id: '002_a', path: 'migrations/002_a.sql', why: 'needs the extension "timescaledb"' }],
}
const nothing: CheckDocument = {
  json: { ...json, result: 'proven', shadow: null, checked: [], statements: null },
  why: 'new or edited since main',
  paths: [],
  problems: [],
  gaps: [],
}
const failed = documentOfFailure(
  new TidemarkError({ code: 'TM7008', message: 'git does not know the revision "x"', help: 'fetch it' }),
)

const ajv = new Ajv.default({ strict: false })
addFormats.default(ajv)
const schema = new URL('../../../test/fixtures/sarif-schema-2.1.0.json', import.meta.url)
const isSarif = ajv.compile(JSON.parse(readFileSync(schema, 'utf8')))

test.each([
  ['findings and gaps', document],
  ['nothing to check', nothing],
  ['a check that did not run', failed],
])('%s as SARIF are valid by the official schema', (_, each) => {
  const sarif: unknown = JSON.parse(presentSarif(each, '1.2.3'))
  expect(isSarif(sarif) ? [] : isSarif.errors).toEqual([])
})

test('the official schema refuses what is no SARIF', () => {
  expect(isSarif({ version: '2.1.0', runs: [{ results: [] }] })).toBe(false)
})

test('SARIF names rule, weight, place and what is open', () => {
  const sarif = JSON.parse(presentSarif(document, '1.2.3'))
  expect(sarif.runs[0].invocations).toEqual([{ executionSuccessful: true }])
  expect(sarif.runs[0].tool.driver.rules).toEqual([
    {
      id: 'order-differs',
      shortDescription: { text: 'The schema depends on which of two migrations runs first.' },
    },
    { id: 'down-fails', shortDescription: { text: 'The @down fails.' } },
    {
      id: 'not-checked',
      shortDescription: { text: 'The migration could not be executed on the shadow.' },
    },
  ])
  const at = (uri: string, startLine: number) => [
    { physicalLocation: { artifactLocation: { uri, uriBaseId: '%SRCROOT%' }, region: { startLine } } },
  ]
  expect(sarif.runs[0].results).toEqual([
    {
      ruleId: 'order-differs',
      level: 'error',
      message: {
        text: 'the schema depends on whether "002_a" or "003_b" runs first\ncolumn public.users.age: type is "text" instead of "integer"\nhelp: add 002_a to `Depends on` of 003_b',
      },
      locations: at('migrations/003_b.sql', 1),
    },
    {
      ruleId: 'down-fails',
      level: 'warning',
      message: { text: HOSTILE },
      locations: at('my%20migrations/%C3%BC%25.sql', 6),
    },
    {
      ruleId: 'not-checked',
      kind: 'open',
      level: 'none',
      message: { text: '"002_a" was not checked: needs the extension "timescaledb"' },
      locations: at('migrations/002_a.sql', 1),
    },
  ])
  const [run] = JSON.parse(presentSarif(failed, '1.2.3')).runs
  expect(run.invocations).toEqual([{ executionSuccessful: false }])
  expect(run.results).toEqual([
    {
      ruleId: 'TM7008',
      level: 'error',
      message: { text: 'git does not know the revision "x"\nhelp: fetch it' },
      locations: [],
    },
  ])
})

test('a comment starts with a hidden line, and holds findings, gaps and locks', () => {
  expect(presentMarkdown(document, 'apps/my shop')).toBe(`<!-- tidemark check apps/my%20shop -->
### ✗ tidemark check: 1 error, 1 warning, 1 migration could not be checked in full

2 migrations checked (new or edited since main) on PostgreSQL 18.1.

|  | finding | file |
| --- | --- | --- |
| ❌ error | <code>order-differs</code> the schema depends on whether "002\\_a" or "003\\_b" runs first<br>• column public.users.age: type is "text" instead of "integer"<br>**help:** add 002\\_a to \\\`Depends on\\\` of 003\\_b | <code>migrations/003\\_b.sql</code> |
| ⚠️ warning | <code>down-fails</code> &lt;b&gt;\\|\\\`@&#8203;ada #&#8203;1 \\*x\\*<br>\\\\u001b\\[31m&lt;/b&gt; &amp; "q" 100% | <code>my migrations/ü%.sql:6</code> |

**Not checked**, so nothing is known about it:

| migration | why |
| --- | --- |
| <code>002\\_a</code> | needs the extension "timescaledb" |

<details><summary>Locks and work on tables that exist before (1)</summary>

| migration | line | what its statement does |
| --- | --- | --- |
| <code>003\\_b</code> | 3 | ACCESS EXCLUSIVE on public.users (blocks reads and writes)<br>rewrites public.users<br>builds index users\\_pkey on public.users |

</details>
`)
  expect(presentMarkdown(nothing, '')).toBe(
    '<!-- tidemark check -->\n### ✓ tidemark check: nothing to check\n\nNo migration is new or edited since main.\n',
  )
  expect(presentMarkdown(failed, '')).toBe(`<!-- tidemark check -->
### ✗ tidemark check did not run

|  | finding | file |
| --- | --- | --- |
| ❌ error | <code>TM7008</code> git does not know the revision "x"<br>**help:** fetch it |  |
`)
})

test('a comment of ten thousand findings fits one comment of GitHub, and says how many are left out', () => {
  const many = Array.from({ length: 10_000 }, () => problem({ message: '&'.repeat(5000) }))
  const gap = { id: '002_a', path: 'a.sql', why: '&'.repeat(5000) }
  const text = presentMarkdown(
    { ...document, problems: many, gaps: Array.from({ length: 999 }, () => gap) },
    '',
  )
  expect(text.length).toBeLessThan(65_536)
  expect(text).toMatch(/\n\n… and 99\d\d more; the log of the job has all of them\.\n/)
})

test('JUnit has a case for each file: failed from a weight on, or skipped where it was not checked', () => {
  const { paths, gaps } = document
  const problems = [
    problem({}),
    problem({ severity: 'note', path: 'migrations/002_a.sql', text: 'a <note>' }),
  ]
  const isFailure = ({ severity }: Problem) => severity === 'error'
  expect(
    presentJunit({ suite: 'tidemark check', paths, problems, isFailure, skipped: gaps }),
  ).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="tidemark" tests="2" failures="1" skipped="1">
  <testsuite name="tidemark check" tests="2" failures="1" skipped="1">
    <testcase classname="tidemark" name="migrations/002_a.sql">
      <skipped message="needs the extension &quot;timescaledb&quot;"/>
      <system-out>a &lt;note&gt;</system-out>
    </testcase>
    <testcase classname="tidemark" name="migrations/003_b.sql">
      <failure type="order-differs" message="the schema depends on whether &quot;002_a&quot; or &quot;003_b&quot; runs first">as on a terminal</failure>
    </testcase>
  </testsuite>
</testsuites>
`)
})
