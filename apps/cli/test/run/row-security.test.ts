import { beforeAll, expect, test } from 'vitest'
import { buildWhenStale } from '../support/build-when-stale.ts'
import { ENGINES, openProject, type Project, SHOP } from '../support/project.ts'

beforeAll(buildWhenStale)

const REMARK =
  '! Tables without row level security, in a schema that an API serves: created by 001_users, 002_posts.'

async function plan({ run }: Project, flags: readonly string[] = [], exposed?: string): Promise<string> {
  const env = exposed === undefined ? {} : { TIDEMARK_EXPOSED_SCHEMAS: exposed }
  return (await run(['plan', ...flags], { env })).stdout.replaceAll('\n', ' ')
}

/**
 * A project whose database has what Supabase and PostgREST make for the schema that they serve. Embedded, since
 * the databases of a server share their roles.
 */
async function openApiProject(): Promise<Project> {
  const api = '-- @up\nCREATE ROLE anon NOLOGIN;\nGRANT USAGE ON SCHEMA public TO anon;\n'
  const project = await openProject({ ...SHOP, 'migrations/000_api.sql': api }, 'embedded')
  await project.run(['up', '--target', '000_api'])
  return project
}

test.each(ENGINES)(
  'plan says nothing about row security where no API serves a schema: %s',
  async (engine) => {
    const project = await openProject(SHOP, engine)
    expect(await plan(project)).not.toContain('row level security')
    expect(await plan(project, ['--json'])).not.toContain('no_row_security')
  },
)

test('plan lists once what creates tables without it where an API serves their schema', async () => {
  const project = await openApiProject()
  const stdout = await plan(project)
  expect(stdout).toContain(
    `${REMARK} (\`exposedSchemas\`: \`[]\` in the configuration turns this remark off.)`,
  )
  expect(stdout.match(/row level security/g)).toHaveLength(1)
  expect(JSON.parse(await plan(project, ['--json'])).steps[0].remarks).toEqual([
    { kind: 'no_row_security', words: 'creates the table users without row level security', line: 5 },
  ])
})

test('plan says nothing about it under --quiet, and where exposedSchemas leaves the schema out', async () => {
  const project = await openApiProject()
  expect(await plan(project, ['--quiet'])).not.toContain('row level security')
  expect(await plan(project, [], 'api')).not.toContain('row level security')
  await project.write('tidemark.config.json', '{ "exposedSchemas": [] }')
  expect(await plan(project)).not.toContain('row level security')
})

test.each(ENGINES)('exposedSchemas names what another API serves: %s', async (engine) => {
  expect(await plan(await openProject(SHOP, engine), [], 'api,public')).toContain(REMARK)
})
