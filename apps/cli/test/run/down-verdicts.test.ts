import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { buildWhenStale } from '../support/build-when-stale.ts'
import { openProject } from '../support/project.ts'

beforeAll(buildWhenStale)

const FILES = {
  'migrations/001_users.sql':
    '-- @up\nCREATE TABLE users (id int PRIMARY KEY, name text);\n-- @down\nDROP TABLE users;\n',
  'migrations/002_no_name.sql':
    '-- Depends on: [001_users]\n-- @up\nALTER TABLE users DROP COLUMN name;\n-- @down\nALTER TABLE users ADD COLUMN name text;\n',
}
const LOST = 'the values of name in public.users do not come back'

test('what a check showed of each @down travels in plan, manifest and row, and down shows it', async () => {
  const { run, write, folder, server } = await openProject(FILES, 'server')
  expect((await run(['check', '--all', '--only', 'reversibility'])).code).toBe(0)

  expect((await run(['plan', '--out', 'plan.json'])).stdout).toContain(`
  1  001_users    pending
     · its @down was checked: it brings back the schema and the rows
  2  002_no_name  pending   after 001_users
     ! its @down was checked: it loses data
         ${LOST}
     ! drops the column name of users  line 3
`)
  const plan = JSON.parse(await readFile(join(folder, 'plan.json'), 'utf8'))
  expect(plan.downVerdicts.migrations).toEqual({
    '001_users': { verdict: 'exact', details: [] },
    '002_no_name': { verdict: 'loses_data', details: [LOST] },
  })
  await run(['manifest', '--out', 'schema.json'])
  const manifest = JSON.parse(await readFile(join(folder, 'schema.json'), 'utf8'))
  expect(manifest.migrations[1].down).toEqual({ verdict: 'loses_data', details: [LOST] })

  // Elsewhere there is no result of a check: the plan carries it, and a manifest keeps it.
  await write('.tidemark/verdicts.json', '{}')
  expect((await run(['up', '--plan', 'plan.json'])).code).toBe(0)
  const stored = await server?.query<{ reversible: unknown }>(
    `SELECT header->'reversible' AS reversible FROM schema_migrations ORDER BY id`,
  )
  expect(stored?.map(({ reversible }) => reversible)).toEqual([
    { verdict: 'exact', details: [] },
    { verdict: 'loses_data', details: [LOST] },
  ])
  expect((await run(['manifest', '--out', 'schema.json', '--check'])).code).toBe(0)
  await run(['manifest', '--out', 'schema.json'])
  expect(await readFile(join(folder, 'schema.json'), 'utf8')).toContain('"loses_data"')

  const shown = (await run(['down', '--all', '--dry-run'])).stdout
  expect(shown).toContain(`! checked: it loses data\n         ${LOST}\n`)
  expect(shown).toContain('· checked: it brings back the schema and the rows\n')
  expect(shown).not.toContain('Never checked')
  const json = JSON.parse((await run(['down', '--dry-run', '--json'])).stdout)
  expect(json.steps[0].down).toEqual({ verdict: 'loses_data', details: [LOST] })
})

test('on a protected database a @down that loses data is accepted by name', async () => {
  const { run, write } = await openProject(FILES, 'server')
  await run(['check', '--all', '--only', 'reversibility'])
  expect((await run(['up'])).code).toBe(0)
  await write('tidemark.config.json', '{ "protected": true }')
  const refused = await run(['down', '--all', '--yes', '--json'])
  expect(refused.code).toBe(2)
  expect(JSON.parse(refused.stdout).error).toMatchObject({
    code: 'TM7013',
    message: 'the database is protected, and a check found that the @down of "002_no_name" loses data',
    help: 'if that is what you want, accept it by name: --accept 002_no_name',
    details: { notAccepted: ['002_no_name'] },
  })
  expect((await run(['down', '--all', '--yes', '--accept', '001'])).code).toBe(2)
  const { code, stdout } = await run(['down', '--all', '--yes', '--accept', '002'])
  expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining('2 migrations rolled back') })
})

test('what was never checked is said, and confirmed as before; a check of another text does not count', async () => {
  const { run, write } = await openProject(FILES, 'server')
  await run(['check', '--all', '--only', 'reversibility'])
  await write('migrations/001_users.sql', `${FILES['migrations/001_users.sql']}-- edited\nSELECT 1;\n`)
  await run(['up'])
  await write('tidemark.config.json', '{ "protected": true }')
  expect((await run(['down', '--all', '--dry-run'])).stdout).toContain(
    'Never checked what these bring back: 002_no_name, 001_users.',
  )
  expect((await run(['down', '--all', '--yes'])).code).toBe(0)
})
