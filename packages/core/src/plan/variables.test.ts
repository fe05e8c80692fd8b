import { expect, test } from 'vitest'
import { historyOf } from '../../test/builders/history-builder.ts'
import { completedRow, storedOf } from '../../test/builders/migration-builder.ts'
import { formatDiagnostic } from '../diagnostic/format-diagnostic.ts'
import { buildGraph } from '../graph/build-graph.ts'
import type { Migration } from '../migration/model/migration.ts'
import { parseMigration } from '../migration/parse-migration.ts'
import type { VariableValues } from '../migration/variables/bind-text.ts'
import { planApply } from './apply/plan-apply.ts'
import type { StoredMigration } from './history/history.ts'
import { comparePlans } from './plan/compare-plans.ts'
import { parseSavedPlan } from './plan/parse-saved-plan.ts'
import { isRefused, type MigrationPlan } from './plan/plan.ts'
import { savePlan } from './plan/saved-plan.ts'
import { planRollback } from './rollback/plan-rollback.ts'
import { summarizePlan } from './summary/summarize-plan.ts'

function parse(text: string): Migration {
  const parsed = parseMigration({ path: 'migrations/001_role.sql', text })
  if (!parsed.ok) throw new Error(parsed.error.map(({ message }) => message).join('\n'))
  return parsed.value.migration
}

const TEXT = `-- Variables: [app_role, pw secret]

-- @up
CREATE ROLE :"app_role" PASSWORD :'pw';
-- @down
ALTER ROLE :"app_role" PASSWORD :'pw';
`
const file = parse(TEXT)
const ALL = { app_role: 'web', pw: 's3cret' }

function graphWith(variables: VariableValues, migration = file) {
  const graph = buildGraph([migration], { variables })
  if (!graph.ok) throw new Error('no graph')
  return graph.value
}

function plan(variables: VariableValues): MigrationPlan {
  const made = planApply({ graph: graphWith(variables), history: { kind: 'absent' } })
  if (!made.ok) throw new Error('no plan')
  return made.value
}

test('a value that is missing, or cannot be sent, refuses before anything runs, at its place', () => {
  expect(isRefused(plan(ALL))).toBe(false)
  expect(isRefused(plan({ app_role: '', pw: '' }))).toBe(false)
  expect(plan({ app_role: 'web' }).findings.map((finding) => formatDiagnostic(finding))).toEqual([
    `migrations/001_role.sql:1:26 error TM7036: "001_role" needs the variable "pw", which has no value
1 | -- Variables: [app_role, pw secret]
  |                          ^^
help: give it one under "variables" of the configuration, or of its environment: { "variables": { "pw": "…" } }`,
  ])
  expect(
    plan({ ...ALL, pw: { unset: 'APP_PW' } }).findings.map(({ message, help }) => [message, help]),
  ).toEqual([
    [
      '"001_role" needs the variable "pw", which has no value: "APP_PW" is not set',
      'set APP_PW, or give "pw" another value under "variables" of the configuration',
    ],
  ])
  expect(plan({ ...ALL, pw: 'a\0b' }).findings.map(({ code, message }) => [code, message])).toEqual([
    ['TM7037', 'the value of the variable "pw" of "001_role" holds a NUL character'],
  ])
  expect(plan({}).findings).toHaveLength(2)
  expect(plan(Object.create(ALL)).findings).toHaveLength(2)
})

test('the digest changes with a value that is not secret, and with no other', () => {
  const target = { host: 'h', port: 1, database: 'd', user: 'u', schema: 'public', systemIdentifier: null }
  const saved = savePlan(plan(ALL), target)
  expect(JSON.stringify(saved)).not.toMatch(/s3cret|web/)
  expect(parseSavedPlan(JSON.stringify(saved), 'plan.json').ok).toBe(true)
  expect(plan({ ...ALL, pw: 'other' }).digest).toBe(saved.digest)
  const other = plan({ ...ALL, app_role: 'api' })
  expect(comparePlans(saved, { plan: other, target, targets: 'same' }).map(({ message }) => message)).toEqual(
    [expect.stringContaining('the values of variables have changed')],
  )
  const edited = JSON.stringify(saved).replace(/"valuesDigest":"[0-9a-f]{4}/, '"valuesDigest":"0000')
  expect(parseSavedPlan(edited, 'plan.json').ok).toBe(false)
})

/** What the database holds after the file was applied as `web`. */
const stored: StoredMigration = {
  ...storedOf(file),
  upSql: `CREATE ROLE "web" PASSWORD :'pw';`,
  downSql: `ALTER ROLE "web" PASSWORD :'pw';`,
  template: storedOf(file),
}

test('changes are judged by the text of the file, whatever the values are', () => {
  const findings = (now: Migration) => {
    const history = historyOf(completedRow(file))
    const made = planApply({
      graph: graphWith({ app_role: 'api', pw: 'x' }, now),
      history,
      stored: new Map([['001_role', stored]]),
    })
    return made.ok ? made.value.findings.map(({ severity, message }) => `${severity}: ${message}`) : []
  }
  expect(findings(file)).toEqual([])
  expect(findings(parse(`${TEXT}-- a comment\n`))).toEqual([
    'warning: "001_role" has changed since it was applied: comments or white space',
  ])
  expect(findings(parse(TEXT.replace('CREATE ROLE :"app_role"', 'CREATE ROLE "web"')))).toEqual([
    'error: "001_role" has changed since it was applied: @up',
  ])
  expect(findings(parse(TEXT.replace('pw secret', 'pw')))).toEqual([
    'warning: "001_role" has changed since it was applied: header',
  ])
})

test('a rollback needs what its stored SQL still names', () => {
  const request = { kind: 'steps', count: 1 } as const
  const findings = (variables: VariableValues) => {
    const made = planRollback({
      graph: graphWith(variables),
      history: historyOf(completedRow(file)),
      request,
      stored: new Map([['001_role', stored]]),
    })
    return made.ok ? made.value.findings.map(({ code, message }) => `${code}: ${message}`) : []
  }
  expect(findings({ pw: 'x' })).toEqual([])
  expect(findings({ app_role: 'web' })).toEqual([
    'TM7036: "001_role" needs the variable "pw", which has no value',
  ])
})

test('a plan says what a statement with variables destroys', () => {
  const words = (up: string) => {
    const graph = graphWith({}, parse(`-- Variables: [t, c]\n-- @up\n${up}\n-- @down\nSELECT 1;\n`))
    const made = planApply({ graph, history: { kind: 'absent' } })
    const [step] = made.ok ? summarizePlan(made.value).steps : []
    return step?.remarks.filter(({ kind }) => kind === 'destructive').map((remark) => remark.words)
  }
  expect(words('DELETE FROM :"t";')).toHaveLength(1)
  expect(words('TRUNCATE :"t";')).toEqual(['empties ":t"'])
  expect(words('ALTER TABLE :"t" DROP COLUMN :"c";')).toHaveLength(1)
})
