import { beforeAll, expect, test } from 'vitest'
import { buildWhenStale } from '../support/build-when-stale.ts'
import { createProject, ENGINES, openProject } from '../support/project.ts'

beforeAll(buildWhenStale)

test('an embedded database is rehearsed like a server, also from a dump and measured', async () => {
  const project = await createProject(
    { 'migrations/001_users.sql': '-- @up\nCREATE TABLE users (id int PRIMARY KEY);\n' },
    'embedded',
  )
  try {
    expect((await project.run(['up'])).code).toBe(0)
    await project.write(
      'migrations/002_name.sql',
      '-- Depends on: [001_users]\n\n-- @up\nALTER TABLE users ALTER COLUMN id TYPE bigint;\n',
    )
    const { code, stdout, stderr } = await project.run(['rehearse', '--dump', '--calibrate'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain('was copied by pg_dump')
    expect(stdout).toContain('line 4  ACCESS EXCLUSIVE on public.users: everybody waits')
    expect(stdout).toContain('Durations are ranges, measured on this server.')
  } finally {
    await project.remove()
  }
})

test.each(ENGINES)(
  'what is to come to a database that was never migrated is rehearsed, %s',
  async (engine) => {
    const { run, server } = await openProject(
      {
        'migrations/001_users.sql':
          '-- @up\nCREATE TABLE users (id int PRIMARY KEY);\nALTER TABLE old ADD n int;\n',
      },
      engine,
    )
    const empty = await run(['rehearse'])
    expect([empty.code, empty.stdout]).toEqual([7, expect.stringContaining('relation "old" does not exist')])
    if (server === undefined) return
    await server.query('CREATE TABLE old ()')
    const { code, stdout } = await run(['rehearse'])
    expect([code, stdout]).toEqual([
      0,
      expect.stringContaining('ACCESS EXCLUSIVE on public.old: everybody waits'),
    ])
    expect((await run(['up', '--rehearse', '--yes'])).code).toBe(0)
  },
)

test.each(ENGINES)('what was rehearsed is executed if the schema is still the same, %s', async (engine) => {
  const { run, write } = await openProject(
    { 'migrations/001_users.sql': '-- @up\nCREATE TABLE users (id int PRIMARY KEY);\n' },
    engine,
  )
  expect((await run(['up', '--rehearse', '--yes'])).code).toBe(0)
  await write(
    'migrations/002_name.sql',
    '-- Depends on: [001_users]\n\n-- @up\nALTER TABLE users ADD name text;\n',
  )
  expect((await run(['rehearse', '--out', 'name.json'])).code).toBe(0)
  expect((await run(['up', '--plan', 'name.json', '--yes'])).code).toBe(0)
})
