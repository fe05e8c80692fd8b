import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createTestDatabase, type TestDatabase } from '@tidemark/test-servers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildWhenStale } from '../support/build-when-stale.ts'
import { createProject, type Project } from '../support/project.ts'

beforeAll(buildWhenStale)

const FILES = {
  'migrations/001_users.sql':
    '-- @up\nCREATE TABLE users (id int PRIMARY KEY, email text NOT NULL);\nCREATE UNIQUE INDEX users_email_key ON users (email);\n',
}
const WIDEN = '-- Depends on: [001_users]\n\n-- @up\nALTER TABLE users ALTER COLUMN id TYPE bigint;\n'
const DROPS = '-- Depends on: [002_widen]\n\n-- @up\nDROP INDEX users_email_key;\n'

describe('a rehearsal', () => {
  let database: TestDatabase
  let project: Project
  beforeAll(async () => {
    database = await createTestDatabase()
    project = await createProject({
      ...FILES,
      'tidemark.config.json': JSON.stringify({ database: database.url }),
      'queries.sql':
        '-- name: Upsert :exec\nINSERT INTO users (id, email) VALUES (@id, @email) ON CONFLICT (email) DO NOTHING;\nSELECT id FROM users;\n',
    })
    expect((await project.run(['up'])).code).toBe(0)
    await database.query(
      "INSERT INTO users SELECT g, 'u' || g FROM generate_series(1, 5000) g; ANALYZE users",
    )
    await project.write('migrations/002_widen.sql', WIDEN)
  })
  afterAll(async () => {
    await project.remove()
    await database.drop()
  })

  test('shows what the plan does to the tables that are there, and changes nothing', async () => {
    const { code, stdout } = await project.run(['rehearse'])
    expect({ code, lines: stdout.split('\n').slice(1) }).toEqual({
      code: 0,
      lines: [
        '',
        'What happens to what is there',
        '  002_widen',
        '    line 4  ACCESS EXCLUSIVE on public.users: everybody waits',
        '            rewrites public.users (248 kB, 5000 rows, 2 indexes of 320 kB)',
        '  How long it takes is not known: nothing was measured on this server (--calibrate).',
        '',
        '✓ no finding',
        'Nothing was changed. Execute it with `tidemark up`.',
        '',
      ],
    })
    expect(await database.query("SELECT 1 FROM schema_migrations WHERE status = 'completed'")).toHaveLength(1)
  })

  test('with queries names those that stop working, with exit code 7', async () => {
    await project.write('migrations/003_drops.sql', DROPS)
    const { code, stdout } = await project.run(['rehearse', '--queries', 'queries.sql'])
    expect({ code, tail: stdout.slice(stdout.indexOf('error ')).split('\n') }).toEqual({
      code: 7,
      tail: [
        'error breaks-query: a query of queries.sql:2 does not work afterwards: there is no unique or exclusion constraint matching the ON CONFLICT specification',
        '    INSERT INTO users (id, email) VALUES ($1, $2) ON CONFLICT (email) DO NOTHING',
        '',
        '2 queries planned before and after: 1 stops working',
        '✗ 1 error',
        'Nothing was changed. Execute it with `tidemark up`.',
        '',
      ],
    })
    const json = JSON.parse((await project.run(['rehearse', '--queries', 'queries.sql', '--json'])).stdout)
    expect(json).toMatchObject({
      result: 'findings',
      queries: { compared: 2, notCompared: [] },
      drift: [],
      gaps: [],
    })
  })

  test('is carried by a saved plan, shown by up, and refuses a schema that has changed', async () => {
    const saved = await project.run(['rehearse', '--out', 'plan.json'])
    expect(saved.stdout).toContain('The plan is in plan.json.')
    const { rehearsal } = JSON.parse(await readFile(join(project.folder, 'plan.json'), 'utf8'))
    expect(rehearsal.catalog.fingerprint).toMatch(/^[0-9a-f]{64}$/)
    await database.query('ALTER TABLE users ADD hotfix int')
    for (const command of [
      ['up', '--plan', 'plan.json'],
      ['up', '--plan', 'plan.json', '--dry-run'],
    ]) {
      const refused = await project.run(command)
      expect(refused.code).toBe(4)
      expect(refused.stderr).toContain('error TM4014: the schema of the database has changed since')
    }
    await database.query('ALTER TABLE users DROP hotfix')
    const { code, stderr } = await project.run(['up', '--plan', 'plan.json'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining('2 migrations rehearsed') })
    const [attempt] = await database.query<{ details: unknown }>(
      "SELECT details FROM migration_history WHERE migration_id = '002_widen'",
    )
    expect(attempt?.details).toMatchObject({ rehearsed: { baseMs: expect.any(Number) } })
  })

  test('comes first with up --rehearse, and nothing is applied where something is wrong', async () => {
    await project.write(
      'migrations/004_fails.sql',
      '-- Depends on: [003_drops]\n\n-- @up\nALTER TABLE users ADD COLUMN seen date;\nALTER TABLE userz ADD COLUMN seen date;\n',
    )
    const failed = await project.run(['up', '--rehearse'])
    expect(failed.code).toBe(7)
    expect(failed.stdout).toContain('> 5 │')
    await project.write(
      'migrations/004_fails.sql',
      '-- Depends on: [003_drops]\n\n-- @up\nALTER TABLE users ADD COLUMN seen date;\n',
    )
    const done = await project.run(['up', '--rehearse'])
    expect(done).toMatchObject({ code: 0, stderr: expect.stringContaining('1 migration rehearsed') })
    expect((await project.run(['up', '--rehearse'])).code).toBe(0)
  })

  test('of a database that cannot be reached says so', async () => {
    const { code, stderr } = await project.run(['rehearse', '--database-url', 'postgres://x@127.0.0.1:1/x'])
    expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringContaining('TM5001') })
  })
})
