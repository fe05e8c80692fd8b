import {
  buildGraph,
  classify,
  type MigrationAttempt,
  type MigrationGraph,
  parseMigration,
} from '@tidemark/core'
import { describe, expect, test } from 'vitest'
import { makeReport, ReportDocumentSchema, type ReportInput } from '../src/index.ts'

function graphOf(files: Readonly<Record<string, string>>): MigrationGraph {
  const migrations = Object.entries(files).map(([id, text]) => {
    const parsed = parseMigration({ path: `migrations/${id}.sql`, text })
    if (!parsed.ok) throw new TypeError('the file is right')
    return parsed.value.migration
  })
  const graph = buildGraph(migrations)
  if (!graph.ok) throw new TypeError('the graph is right')
  return graph.value
}

const report = (input: Partial<ReportInput> & Pick<ReportInput, 'graph'>) =>
  makeReport({
    project: 'shop',
    toolVersion: '1.2.3',
    generatedAt: new Date('2026-11-30T12:00:00Z'),
    ...input,
  })

const TARGET = {
  host: 'db',
  port: 5432,
  database: 'shop',
  user: 'ada',
  schema: 'public',
  systemIdentifier: null,
}

function attempt(sequence: number): MigrationAttempt {
  return {
    id: String(sequence),
    migrationId: '001_a',
    executedAt: new Date('2026-11-30T11:00:00Z'),
    status: 'failed',
    executionTimeMs: 3,
    errorMessage: `role "x" needs PASSWORD 'hunter2'`,
    direction: 'up',
    runId: 'r1',
    executedBy: 'ada@laptop',
    checksum: null,
    details: { detail: 'Failing row contains (secret).' },
    sequence,
  }
}

test('a report of files alone is in plan order, and is what its schema says', () => {
  const graph = graphOf({
    '002_b': '-- Depends on: [001_a]\n-- @up\nDROP TABLE a;\n',
    '001_a':
      '-- Description: First\n-- @up\nCREATE TABLE a ();\n-- @down\nDROP TABLE a;\n-- @verify\nSELECT 1;\n',
  })
  const made = report({ graph })
  expect(ReportDocumentSchema.parse(made)).toEqual(made)
  expect(made).toMatchObject({ target: null, shadow: null, drift: null, heads: ['002_b'], attempts: [] })
  expect(made.migrations).toMatchObject([
    { id: '001_a', description: 'First', state: null, reversible: true, changes: null },
    {
      id: '002_b',
      reversible: false,
      down: null,
      up: { statements: [{ line: 3, destroys: ['drops the table a'] }] },
    },
  ])
})

describe('a statement', () => {
  test('is where its offsets say, also behind a masked password and comments', () => {
    const sql =
      "-- first\nCREATE ROLE a PASSWORD 'hunter2';\n\n-- second\nALTER ROLE a PASSWORD 'longer than that';\nSELECT 1;\n"
    const { migrations } = report({ graph: graphOf({ '001_a': `-- @up\n${sql}` }) })
    const { text, statements, line } = migrations[0]?.up ?? { text: '', statements: [], line: 0 }
    expect(text).not.toMatch(/hunter2|longer/)
    expect(statements.map(({ start, end }) => text.slice(start, end))).toEqual([
      expect.stringMatching(/^CREATE ROLE a PASSWORD '.*';$/),
      expect.stringMatching(/^ALTER ROLE a PASSWORD '.*';$/),
      'SELECT 1;',
    ])
    expect({ line, lines: statements.map((statement) => statement.line) }).toEqual({
      line: 2,
      lines: [3, 6, 7],
    })
  })

  test('that is too far behind is left out with the rest of a long section', () => {
    const long = `INSERT INTO a VALUES ('${'x'.repeat(150_000)}');\n`
    const { migrations } = report({ graph: graphOf({ '001_a': `-- @up\nSELECT 1;\n${long}` }) })
    expect(migrations[0]?.up?.text.length).toBe(100_000)
    expect(migrations[0]?.up?.cut).toBeGreaterThan(50_000)
    expect(migrations[0]?.up?.statements).toHaveLength(1)
  })
})

test('a lock is said with who holds it; the role comes with the details', () => {
  const graph = graphOf({ '001_a': '-- @up\nSELECT 1;\n' })
  const session = {
    pid: 7,
    applicationName: 'shop',
    role: 'ada',
    state: 'active',
    kind: 'client backend',
    seconds: 125,
  }
  const lock = { schema: 'public', name: 'Orders', session }
  const database = {
    target: TARGET,
    states: classify({ graph, history: { kind: 'absent' } }),
    attempts: [],
    locks: [
      { ...lock, mode: 'ACCESS SHARE' },
      { ...lock, mode: 'ACCESS EXCLUSIVE' },
    ] as const,
  }
  expect(report({ graph, database }).locks).toEqual([
    { relation: 'public."Orders"', mode: 'ACCESS EXCLUSIVE', session: 'pid 7 (shop, active, for 120 s)' },
    { relation: 'public."Orders"', mode: 'ACCESS SHARE', session: 'pid 7 (shop, active, for 120 s)' },
  ])
  expect(report({ graph, database, details: 'included' }).locks?.[0]?.session).toContain('role ada')
})

test('rows, passwords, and who ran what are left out; names come with the details', () => {
  const graph = graphOf({ '001_a': '-- @up\nSELECT 1;\n' })
  const database = {
    target: TARGET,
    states: classify({ graph, history: { kind: 'absent' } }),
    attempts: [attempt(1), attempt(2)],
  }
  const made = JSON.stringify(report({ graph, database }))
  expect(made).not.toMatch(/hunter2|Failing row|ada/)
  expect(JSON.stringify(report({ graph, database, details: 'included' }))).toContain('ada@laptop')
})
