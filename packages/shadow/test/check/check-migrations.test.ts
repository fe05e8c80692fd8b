import { expect, test } from 'vitest'
import { checkMigrations } from '../../src/index.ts'
import { pglite, useServer } from '../support/engines.ts'
import { migrationOf } from '../support/migrations.ts'

const PROJECT = [
  migrationOf('001_users', {
    up: 'CREATE TABLE users (id int PRIMARY KEY, name text);',
    down: 'DROP TABLE users;',
  }),
  migrationOf('002_mood', { up: `CREATE TYPE mood AS ENUM ('sad');`, down: 'DROP TYPE mood;' }),
  migrationOf('003_left', {
    dependsOn: ['001_users', '002_mood'],
    up: 'ALTER TABLE users ADD COLUMN IF NOT EXISTS age int;',
    down: 'ALTER TABLE users DROP COLUMN age;',
  }),
  migrationOf('004_right', {
    dependsOn: ['001_users'],
    up: 'ALTER TABLE users ADD COLUMN IF NOT EXISTS age text; CREATE TABLE moods (m mood);',
    down: 'DROP TABLE moods;',
  }),
  migrationOf('005_wrong', { dependsOn: ['003_left'], up: 'SELECT 1; CREAT TABLE x ();' }),
  migrationOf('006_after', { dependsOn: ['005_wrong'], up: 'SELECT 1;' }),
  migrationOf('007_ext', { dependsOn: ['001_users'], up: 'CREATE EXTENSION timescaledb;' }),
]

const server = useServer()

test('finds what was planted, and says what it could not execute', async () => {
  const report = await checkMigrations({ migrations: PROJECT, open: server.open })
  const lines = report.findings.map(
    ({ severity, rule, migrationId, others }) => `${severity} ${rule} ${[migrationId, ...others].join(' ')}`,
  )
  expect(lines).toEqual([
    'error order-differs 004_right 003_left',
    'error missing-dependency 004_right 002_mood',
    'error does-not-run 005_wrong',
    'note int4-key 001_users',
    'note needless-dependency 003_left 002_mood',
    'note no-primary-key 004_right',
  ])
  expect(report.gaps).toMatchObject([
    { migrationId: '006_after', why: 'depends on "005_wrong", which was not executed' },
    { migrationId: '007_ext', why: expect.stringContaining('timescaledb') },
  ])
  expect(report.findings[2]?.error).toMatchObject({ details: { sqlState: '42601' } })
  expect(report.statements?.[2]?.statements[0]?.effects.locks).toMatchObject([
    { mode: 'ACCESS EXCLUSIVE', relation: { name: 'users' } },
  ])
})

test.each([server, pglite])('checks what it is asked about, and nothing else, on $name', async (engine) => {
  const migrations = PROJECT.slice(0, 4)
  const report = await checkMigrations({
    migrations,
    ids: ['003_left'],
    parts: ['order'],
    open: engine.open,
  })
  expect(report).toMatchObject({ checked: ['003_left'], parts: ['order'], closure: null, statements: null })
  expect(report.findings).toMatchObject([{ rule: 'order-differs', migrationId: '004_right' }])
  expect(report.order).toMatchObject({ pairs: 1 })
})

test('variables and COPY are executed in every part', async () => {
  const migrations = [
    migrationOf('001_things', {
      variables: ['app_role', 'things'],
      up: `CREATE TABLE :"things" (id int, note text DEFAULT :'app_role');`,
      down: 'DROP TABLE :"things";',
    }),
    migrationOf('002_rows', {
      dependsOn: ['001_things'],
      up: 'COPY real_things (id) FROM stdin;\n1\n2\n\\.',
      down: 'DELETE FROM real_things WHERE id IN (1, 2);',
    }),
    migrationOf('003_other', { variables: ['app_role'], up: `SELECT :'app_role';`, down: 'SELECT 1;' }),
  ]
  const variables = { things: 'real_things' }
  const report = await checkMigrations({ migrations, variables, open: server.open })
  expect(report.findings.filter(({ severity }) => severity !== 'note')).toEqual([])
  expect(report.gaps).toEqual([])
  expect(report.reversibility?.map(({ verdict }) => verdict)).toEqual(['exact', 'exact', 'exact'])
})
