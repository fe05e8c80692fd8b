import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createTestDatabase, type TestDatabase } from '@tidemark/test-servers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildWhenStale } from '../support/build-when-stale.ts'
import { createProject, openProject } from '../support/project.ts'

beforeAll(buildWhenStale)

const FILES = {
  'migrations/001_users.sql':
    "-- @up\nCREATE TABLE users (id int PRIMARY KEY, email text);\nCREATE INDEX users_email_idx ON users (email);\nCREATE FUNCTION answer() RETURNS int LANGUAGE sql AS 'SELECT 42';\n",
  'migrations/002_events.sql': '-- Depends on: [001_users]\n\n-- @up\nCREATE TABLE events (id int);\n',
}

describe('drift of a database', () => {
  let database: TestDatabase
  let project: Awaited<ReturnType<typeof createProject>>
  beforeAll(async () => {
    database = await createTestDatabase()
    project = await createProject({
      ...FILES,
      'tidemark.config.json': JSON.stringify({
        database: database.url,
        trackDrift: true,
        drift: { excludeObjects: ['public.events_*'] },
      }),
    })
    expect((await project.run(['up'])).code).toBe(0)
  })
  afterAll(async () => {
    await project.remove()
    await database.drop()
  })
  const json = async (args: readonly string[]) => JSON.parse((await project.run([...args, '--json'])).stdout)

  test('is none after a run; status --drift and doctor say so without a shadow', async () => {
    const { code, stdout } = await project.run(['drift'])
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining('no drift found') })
    const status = await project.run(['status', '--drift'])
    expect(status).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('note TM4013: the schema is as the last run left it'),
    })
    const { checks } = await json(['doctor'])
    expect(checks).toContainEqual(expect.objectContaining({ area: 'drift', state: 'ok', code: null }))
  })

  test('is found, named and shown, with exit code 4', async () => {
    await database.query(
      "ALTER TABLE users ADD hotfix int; DROP INDEX users_email_idx; CREATE OR REPLACE FUNCTION answer() RETURNS int LANGUAGE sql AS 'SELECT 43'",
    )
    const { code, stdout } = await project.run(['drift'])
    expect(code).toBe(4)
    expect(stdout).toContain('3 differences')
    expect(stdout).toContain(' ! column public.users.hotfix was added\n')
    expect(stdout).toContain(' ! index public.users_email_idx is missing\n')
    expect(stdout).toContain(' ! function public.answer(): definition differs\n')
    expect(stdout).toContain('- AS $function$SELECT 42$function$')
    expect(stdout).toContain('+ AS $function$SELECT 43$function$')
    expect(stdout).toContain("SELECT pg_get_functiondef('public.answer()'::regprocedure);")
    const status = await project.run(['status', '--drift'])
    expect(status).toMatchObject({
      code: 4,
      stderr: expect.stringContaining('error TM4013: the schema has changed since the last run'),
    })
    const { checks } = await json(['doctor'])
    expect(checks).toContainEqual(
      expect.objectContaining({ area: 'drift', state: 'warning', code: 'TM4013' }),
    )
    const report = await json(['drift'])
    expect(report).toMatchObject({ clean: false, notChecked: [], shadow: { engine: 'pglite' } })
    expect(report.drift.map(({ object }: { object: string }) => object)).toEqual([
      'column public.users.hotfix',
      'function public.answer()',
      'index public.users_email_idx',
    ])
  })

  test('is accepted object by object, with a reason; another value is drift again', async () => {
    const wrong = await project.run(['drift', '--accept', 'column public.users.hotfxi', '--reason', 'x'])
    expect(wrong).toMatchObject({
      code: 2,
      stderr: `error TM7019: "column public.users.hotfxi" does not differ from the migrations
help: did you mean "column public.users.hotfix"?
`,
    })
    expect((await project.run(['drift', '--accept', 'column public.users.hotfix'])).code).toBe(2)
    for (const object of [
      'column public.users.hotfix',
      'index public.users_email_idx',
      'function public.answer()',
    ]) {
      expect(await project.run(['drift', '--accept', object, '--reason', 'see #42'])).toMatchObject({
        code: 0,
        stdout: `accepted in tidemark.drift.json: ${object}\n`,
      })
    }
    const file = JSON.parse(await readFile(join(project.folder, 'tidemark.drift.json'), 'utf8'))
    expect(Object.keys(file.accepted)).toEqual([
      'column public.users.hotfix',
      'function public.answer()',
      'index public.users_email_idx',
    ])
    const { code, stdout } = await project.run(['drift'])
    expect(code).toBe(0)
    expect(stdout).toContain('3 differences accepted.')
    await database.query('ALTER TABLE users ALTER hotfix TYPE bigint')
    const again = await json(['drift'])
    expect(again.drift.map(({ object }: { object: string }) => object)).toEqual([
      'column public.users.hotfix',
    ])
    expect(again.outdated.map(({ object }: { object: string }) => object)).toEqual([
      'column public.users.hotfix',
    ])
  })

  test('is not looked for with a file of accepted differences that cannot be read', async () => {
    await project.write('tidemark.drift.json', '{ "accepted": { "x": { "value": 1 } } }')
    expect(await project.run(['drift'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('error TM7029: tidemark.drift.json cannot be read'),
    })
  })
})

test('drift of an embedded database, and of one without tables', async () => {
  const { run } = await openProject({
    ...FILES,
    'tidemark.config.json': JSON.stringify({ database: 'pglite:.tidemark/db' }),
  })
  expect((await run(['drift'])).code).toBe(0)
  expect((await run(['up'])).code).toBe(0)
  const { code, stdout } = await run(['drift'])
  expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining('no drift found') })
  expect(await run(['status', '--drift'])).toMatchObject({
    stderr: expect.stringContaining('warning TM4013: no run has recorded the schema'),
  })
})
