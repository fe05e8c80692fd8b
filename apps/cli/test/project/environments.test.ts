import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { buildWhenStale } from '../support/build-when-stale.ts'
import { openProject } from '../support/project.ts'

beforeAll(buildWhenStale)

const FILES = {
  'tidemark.config.json': JSON.stringify({
    environments: { development: {}, test: {}, production: {} },
  }),
  'migrations/001_users.sql':
    '-- @up\nCREATE TABLE users (name text PRIMARY KEY);\n-- @down\nDROP TABLE users;\n',
  'migrations/002_seed.sql': `-- Depends on: [001_users]
-- Environments: [development, test]
-- Run: on_change
-- @up
INSERT INTO users VALUES ('ada') ON CONFLICT DO NOTHING;
-- @down
DELETE FROM users WHERE name = 'ada';
-- @verify
SELECT count(*) = 1 FROM users;
`,
  'migrations/003_posts.sql':
    '-- Depends on: [001_users]\n-- @up\nCREATE TABLE posts (id int);\n-- @down\nDROP TABLE posts;\n',
}

test('files for some environments are applied where they belong, counted elsewhere, and rolled back elsewhere only by id', async () => {
  const { run, write, folder, server } = await openProject(FILES, 'server')
  const summary = async (...args: string[]) => (await run(['status', ...args])).stdout.split('\n').at(-2)
  expect(await summary()).toBe('0 applied, 2 pending, 1 for other environments; head: 003_posts')
  expect((await run(['up'])).code).toBe(0)
  const known = await server?.query('SELECT id FROM schema_migrations ORDER BY id')
  expect(known?.map(({ id }) => id)).toEqual(['001_users', '003_posts'])
  expect(await run(['status', '--env', 'production'])).toMatchObject({ code: 0 })
  expect(await run(['wait', '--timeout', '1s'])).toMatchObject({ code: 0 })
  expect(await summary('--env', 'test')).toBe('2 applied, 1 pending; heads: 002_seed, 003_posts')
  expect(await run(['up', '--target', '002_seed'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining(
      'error TM2007: "002_seed" is for other environments (development, test) than this one, which has no name',
    ),
  })
  expect((await run(['up', '--env', 'development'])).stdout).toContain('✓ 002_seed')
  await write(
    'migrations/002_seed.sql',
    FILES['migrations/002_seed.sql'].replaceAll("'ada'", "'ada lovelace'").replace('= 1', '= 2'),
  )
  expect(await run(['status', '--strict'])).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^ - {2}002_seed +for other environments/m),
  })
  expect((await run(['status', '--env', 'development'])).code).toBe(3)
  expect((await run(['repair', '--dry-run'])).stdout).not.toContain('002_seed')
  expect((await run(['verify'])).stdout).not.toContain('002_seed')
  const down = await run(['down', '--all', '--yes'])
  expect([down.code, down.stderr]).toEqual([2, expect.stringContaining('tidemark down --target 002_seed')])
  expect((await run(['down', '--yes'])).stdout).toContain('003_posts')
  await rm(join(folder, 'migrations/002_seed.sql'))
  expect(await summary()).toBe('1 applied, 1 pending, 1 for other environments; head: 003_posts')
  expect(await summary('--env', 'test')).toBe('1 applied, 1 pending, 1 orphaned; head: 003_posts')
  expect((await run(['down', '--target', '002_seed', '--yes'])).code).toBe(0)
  expect((await run(['down', '--all', '--yes'])).code).toBe(0)
})

test('offline commands show every file, and what is for all depends on no seed', async () => {
  const { run, write } = await openProject(FILES)
  expect((await run(['validate'])).stdout).toBe('✓ 3 migrations, no problem; head: 003_posts\n')
  expect((await run(['graph'])).stdout).toContain('002_seed')
  const shown = await run(['show', '002_seed'])
  expect(shown.stdout).toMatch(/environments +development, test/)
  expect(JSON.parse((await run(['show', '002', '--json'])).stdout)).toMatchObject({
    header: { environments: ['development', 'test'] },
  })
  expect((await run(['new', 'orders'])).stdout).toContain('004_orders.sql  (depends on 003_posts)')
  expect((await run(['new', 'more_seeds', '--environments', 'test'])).stdout).toContain(
    '005_more_seeds.sql  (depends on 002_seed, 004_orders)',
  )
  await write('migrations/005_more_seeds.sql', '-- Environments: [test]\n-- @up\nSELECT 1;\n')
  await write('migrations/004_orders.sql', '-- Depends on: [002_seed]\n-- @up\nSELECT 1;\n')
  for (const args of [['validate'], ['validate', '--env', 'test'], ['graph'], ['manifest']]) {
    expect(await run(args)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('migrations/004_orders.sql:1:17 error TM2012: "004_orders"'),
    })
  }
})

test('validate warns of an environment that the configuration does not have', async () => {
  const { run, write } = await openProject(FILES)
  await write('migrations/004_x.sql', '-- Environments: [development, tset]\n-- @up\nSELECT 1;\n')
  expect((await run(['validate'])).stdout).toContain(
    `migrations/004_x.sql:1:32 warning TM2013: the configuration has no environment "tset"
1 | -- Environments: [development, tset]
  |                                ^^^^
help: did you mean "test"?`,
  )
  expect((await run(['validate', '--strict'])).code).toBe(2)
  await write('tidemark.config.json', '{}')
  expect((await run(['validate', '--strict'])).code).toBe(0)
})

test('a squash joins only files for the same environments', async () => {
  const { run } = await openProject(FILES)
  expect(JSON.parse((await run(['squash', 'base', '--dry-run', '--json'])).stdout)).toMatchObject({
    replaces: ['001_users', '003_posts'],
  })
  expect((await run(['squash', 'base', '--through', '002_seed'])).code).toBe(2)
})

test('a manifest names environments, and takes the one that is named', async () => {
  const { run } = await openProject(FILES)
  const manifest = JSON.parse((await run(['manifest'])).stdout)
  expect(manifest).not.toHaveProperty('environment')
  expect(manifest.migrations[1]).toMatchObject({ id: '002_seed', environments: ['development', 'test'] })
  expect(JSON.parse((await run(['manifest', '--env', 'test'])).stdout)).toMatchObject({
    environment: 'test',
    migrations: manifest.migrations,
  })
  await run(['manifest', '--out', 'schema.ts', '--env', 'test'])
  expect((await run(['manifest', '--out', 'schema.ts', '--check', '--env', 'test'])).code).toBe(0)
  expect((await run(['manifest', '--out', 'schema.ts', '--check'])).code).toBe(2)
})

test('names in public are warned of in a folder that is used with search paths, and in no other', async () => {
  const project = await openProject({
    'migrations/001_users.sql': '-- @up\nCREATE TABLE public.users ();\n',
    'tidemark.config.json': '{ "environments": { "tenant": { "searchPath": "tenant_a,public" } } }',
  })
  const codes = async (...args: readonly string[]) => {
    const { stdout } = await project.run(['validate', '--json', ...args])
    return JSON.parse(stdout).diagnostics?.map(({ code }: { code: string }) => code)
  }
  expect(await codes()).toEqual(['TM1046'])
  await project.write('tidemark.config.json', '{}')
  expect(await codes()).toEqual([])
  expect(await codes('--search-path', 'tenant_a,public')).toEqual(['TM1046'])
  expect(await codes('--search-path', 'public')).toEqual([])
  expect((await project.run(['validate', '--strict', '--search-path', 'tenant_a'])).code).toBe(2)
})

test('so are they where the targets of a fleet have schemas', async () => {
  const project = await openProject({ 'migrations/001_users.sql': '-- @up\nCREATE TABLE public.users ();\n' })
  const isWarned = async (targets: unknown) => {
    const fleet = { targets, hosts: ['*'] }
    await project.write('tidemark.config.json', JSON.stringify({ fleet }))
    const { stdout } = await project.run(['validate', '--json'])
    return JSON.parse(stdout).diagnostics.length > 0
  }
  const target = { name: 'a', database: 'postgres://127.0.0.1/a' }
  expect(await isWarned([target, { ...target, name: 'b', schema: 'b' }])).toBe(true)
  expect(await isWarned([{ ...target, searchPath: 'a,public' }])).toBe(true)
  expect(await isWarned([{ ...target, searchPath: ['a', 'public'] }])).toBe(true)
  expect(await isWarned([{ ...target, schema: 'records', searchPath: 'public' }])).toBe(false)
  expect(await isWarned([target, { ...target, schema: 'public' }])).toBe(false)
  const database = 'postgres://127.0.0.1/control'
  expect(await isWarned({ query: 'SELECT name, url AS database, schema FROM tenants', database })).toBe(true)
  expect(await isWarned({ query: 'SELECT name, url AS database FROM tenants', database })).toBe(false)
})
