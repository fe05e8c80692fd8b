import { beforeAll, expect, test } from 'vitest'
import { buildWhenStale } from '../support/build-when-stale.ts'
import { openProject, type Project } from '../support/project.ts'

beforeAll(buildWhenStale)

const SECRETS = ['hunter-2', 'tiger-3', 'woods-4']
const SQL = `CREATE ROLE masked LOGIN PASSWORD /* of today */ 'hunter-2';
DO $$ BEGIN EXECUTE 'ALTER ROLE masked PASSWORD ''tiger-3'''; END $$;
COMMENT ON ROLE masked IS 'postgres://app@db/shop?password=woods-4&sslmode=require';
DROP ROLE masked;
`
const seen = (text: string) => SECRETS.filter((secret) => text.includes(secret))

async function openApplied(): Promise<Project> {
  const project = await openProject(
    { 'migrations/001_a.sql': `-- @up\n${SQL}\n-- @down\n${SQL}` },
    'embedded',
  )
  expect((await project.run(['up'])).code).toBe(0)
  return project
}

test('what shows the SQL of a file to people masks passwords in it', async () => {
  const { run } = await openApplied()
  for (const args of [
    ['show', '001_a'],
    ['down', '--dry-run'],
    ['down', '--yes', '--verbose'],
  ]) {
    const { stdout, stderr } = await run(args)
    expect([args, seen(stdout + stderr)]).toEqual([args, []])
    expect(stdout + stderr).toContain("PASSWORD /* of today */ '***'")
  }
})

test('what other programs read has the SQL as it is, but for passwords in URLs: a section alone, and JSON', async () => {
  const { run } = await openApplied()
  const sql = SQL.replace('woods-4&sslmode=require', '***&sslmode=require').trim()
  for (const phase of ['up', 'down']) {
    const { stdout } = await run(['show', '001_a', '--sql', '--phase', phase])
    expect(stdout.trim()).toBe(sql)
  }
  expect(JSON.parse((await run(['show', '001_a', '--json'])).stdout).up.sql).toBe(sql)
  const [step] = JSON.parse((await run(['down', '--dry-run', '--json'])).stdout).steps
  expect(step.sql.trim()).toBe(sql)
})
