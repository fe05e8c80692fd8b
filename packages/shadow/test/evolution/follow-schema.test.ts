import { describeCatalogDifference } from '@tidemark/core'
import { expect, test } from 'vitest'
import { followSchema, type SchemaEvolution } from '../../src/index.ts'
import { pglite, useServer } from '../support/engines.ts'
import { migrationOf } from '../support/migrations.ts'

const server = useServer()

const PROJECT = [
  migrationOf('001_users', { up: 'CREATE TABLE users (id int PRIMARY KEY, name text);' }),
  migrationOf('002_rows', { dependsOn: ['001_users'], up: "INSERT INTO users VALUES (1, 'Ada');" }),
  migrationOf('003_age', {
    dependsOn: ['001_users'],
    up: 'ALTER TABLE users ADD COLUMN age int; ALTER TABLE users ALTER name TYPE varchar(20);',
  }),
  migrationOf('004_wrong', { dependsOn: ['001_users'], up: 'CREAT TABLE x ();' }),
  migrationOf('005_after', { dependsOn: ['004_wrong'], up: 'SELECT 1;' }),
  migrationOf('006_ext', { up: 'CREATE EXTENSION timescaledb;' }),
]

test.each([server, pglite])('tells what each migration makes of the schema, on $name', async (engine) => {
  const seen: number[] = []
  const { steps } = await followSchema({
    migrations: PROJECT,
    open: engine.open,
    onProgress: ({ done }) => seen.push(done),
  })
  expect(steps.map(({ migrationId }) => migrationId)).toEqual(PROJECT.map(({ id }) => id))
  expect(steps.map(({ differences }) => differences.flatMap(describeCatalogDifference))).toEqual([
    ['table public.users was added'],
    [],
    [
      'column public.users.age was added',
      'column public.users.name: type is "character varying(20)" instead of "text"',
    ],
    [],
    [],
    [],
  ])
  expect(steps[2]?.statements.map(({ effects }) => effects.rewrites.length)).toEqual([0, 1])
  expect(steps[3]).toMatchObject({ failure: { details: { sqlState: '42601' } }, notExecuted: null })
  expect(steps[4]?.notExecuted).toBe('depends on "004_wrong", which was not executed')
  expect(steps[5]?.notExecuted).toContain('timescaledb')
  expect(seen).toEqual([0, 1, 2, 3, 4, 5])
})

test('what is known is not executed again, up to the first that is new, changed, or was not executed', async () => {
  const seen: number[] = []
  const follow = (migrations: typeof PROJECT, known?: SchemaEvolution) =>
    followSchema({ migrations, open: server.open, known, onProgress: ({ done }) => seen.push(done) })
  const known = await follow(PROJECT)
  const later = migrationOf('007_later', { dependsOn: ['003_age'], up: 'ALTER TABLE users DROP COLUMN age;' })
  seen.length = 0
  expect((await follow(PROJECT.slice(0, 3), known)).steps).toEqual(known.steps.slice(0, 3))
  expect(seen).toEqual([])
  const added = await follow([...PROJECT.slice(0, 3), later], known)
  expect(seen).toEqual([3])
  expect(added.steps[3]?.differences.flatMap(describeCatalogDifference)).toEqual([
    'column public.users.age is missing',
  ])
  seen.length = 0
  await follow(PROJECT, known)
  expect(seen).toEqual([3, 4, 5])
  seen.length = 0
  const edited = migrationOf('002_rows', { dependsOn: ['001_users'], up: 'CREATE VIEW v AS SELECT 1;' })
  const changed = await follow(
    PROJECT.map((one) => (one.id === '002_rows' ? edited : one)),
    known,
  )
  expect(seen).toEqual([1, 2, 3, 4, 5])
  expect(changed.steps[1]?.differences.flatMap(describeCatalogDifference)).toEqual([
    'view public.v was added',
  ])
})

const KEPT = [
  migrationOf('001_t', {
    up: 'CREATE TABLE t (id int); CREATE TEMP TABLE scratch (id int); SET search_path = x;',
  }),
  migrationOf('002_again', {
    dependsOn: ['001_t'],
    up: 'PREPARE one AS SELECT 1; CREATE TEMP TABLE scratch (id int); SELECT pg_advisory_lock(1);',
  }),
  migrationOf('003_prepared', {
    dependsOn: ['002_again'],
    up: 'PREPARE one AS SELECT 1; CREATE TABLE u (id int);',
  }),
  migrationOf('004_alone', {
    dependsOn: ['003_prepared'],
    up: 'CREATE TABLE v (id int);',
    transaction: 'none',
  }),
  migrationOf('005_wrong', { dependsOn: ['003_prepared'], up: 'CREATE TABLE t (id int);' }),
  migrationOf('006_last', { dependsOn: ['004_alone'], up: 'CREATE TABLE w (id int);' }),
]

test.each([server, pglite])(
  'a session that goes on has nothing of the migration before, and a run knows what was applied without it, on $name',
  async (engine) => {
    const { steps } = await followSchema({ migrations: KEPT, open: engine.open })
    expect(steps.map(({ failure }) => failure?.details['sqlState'])).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
      '42P07',
      undefined,
    ])
    expect(steps.map(({ differences }) => differences.flatMap(describeCatalogDifference))).toEqual([
      ['table public.t was added'],
      [],
      ['table public.u was added'],
      ['table public.v was added'],
      [],
      ['table public.w was added'],
    ])
  },
)
