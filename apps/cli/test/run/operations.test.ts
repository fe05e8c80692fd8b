import { rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { buildWhenStale } from '../support/build-when-stale.ts'
import { openProject, SHOP } from '../support/project.ts'
import { openShadowServer } from '../support/shadow-server.ts'

beforeAll(buildWhenStale)

const WITH_VERIFY = {
  ...SHOP,
  'migrations/001_users.sql': `${SHOP['migrations/001_users.sql']}\n-- @verify\nSELECT count(*) = 0 FROM users WHERE id < 0;\n`,
}

describe('marks', () => {
  test('show target and difference, need --yes without a terminal, and are refused when it is so already', async () => {
    const project = await openProject(SHOP, 'server')
    const plan = `tidemark  <database>  1 to record as applied

  1  001_users  pending → applied   recorded without executing
`
    expect(await project.run(['mark', '001_users', '--as', 'completed'])).toEqual({
      code: 2,
      stdout: plan,
      stderr: `error TM7010: marking needs a confirmation, and there is no terminal to ask on
help: look at the plan, then run \`tidemark mark 001_users --as completed --yes\`
`,
    })
    expect((await project.run(['status'])).stdout).toContain('0 applied, 3 pending')
    const marked = ['mark', '001_users', '--as', 'completed', '--yes', '--reason', 'by hand']
    expect(await project.run(marked)).toEqual({
      code: 0,
      stdout: `${plan} ✓ 001_users <time>   recorded without executing
✓ 1 migration recorded as applied in <time>
`,
      stderr: '',
    })
    expect(await project.run(marked)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('error TM7014: "001_users" is already applied'),
    })
    expect((await project.run(['mark', '001_user', '--as', 'pending', '--yes'])).stderr).toContain(
      'help: did you mean "001_users"?',
    )
    expect((await project.run(['history', '001_users'])).stdout).toMatch(/mark {2}001_users .*by hand/)
  })

  test('a baseline records the closed set, and up goes on after it', async () => {
    const project = await openProject(SHOP, 'server')
    await project.server?.query(
      'CREATE TABLE users (id int PRIMARY KEY); CREATE TABLE posts (id int, author int)',
    )
    expect((await project.run(['baseline', '--through', '002_posts', '--dry-run'])).stdout).toBe(
      `tidemark  <database>  2 to record as applied

  1  001_users  pending → applied   recorded without executing
  2  002_posts  pending → applied   recorded without executing   after 001_users

Not included: 003_posts_author.
Nothing was changed. Execute it with \`tidemark baseline --through 002_posts\`.
`,
    )
    expect((await project.run(['baseline', '--through', '002_posts', '--yes'])).code).toBe(0)
    expect((await project.run(['up'])).stdout).toContain('✓ 003_posts_author')
    expect(await project.run(['baseline', '--through', '002_posts', '--yes'])).toMatchObject({
      code: 0,
      stdout: 'all of these are applied already\n',
    })
  })
})

test('repair lists every difference with its lines, records the harmless ones, and the rest by name', async () => {
  const project = await openProject(SHOP, 'server')
  await project.run(['up'])
  await project.write(
    'migrations/001_users.sql',
    SHOP['migrations/001_users.sql']?.replace('int', 'bigint') ?? '',
  )
  await project.write('migrations/002_posts.sql', `${SHOP['migrations/002_posts.sql']}-- a note\n`)
  const listed = await project.run(['repair', '--dry-run'])
  expect(listed.stdout).toContain('tidemark  <database>  2 differences\n')
  expect(listed.stdout).toContain(
    '- CREATE TABLE users (id int PRIMARY KEY);\n+ CREATE TABLE users (id bigint PRIMARY KEY);\n',
  )
  expect((await project.run(['repair'])).code).toBe(2)
  const repaired = await project.run(['repair', '--yes'])
  expect([repaired.code, repaired.stdout.includes('✓ 002_posts')]).toEqual([4, true])
  expect((await project.run(['repair', '--adopt', '--yes'])).stderr).toContain('TM7008')
  expect((await project.run(['repair', '001_users', '--yes'])).stderr).toContain('error TM4001')
  expect((await project.run(['repair', '001_users', '--adopt', '--yes'])).code).toBe(0)
  expect(await project.run(['repair'])).toEqual({ code: 0, stdout: 'nothing to repair\n', stderr: '' })
  expect((await project.run(['up'])).code).toBe(0)
})

test('verify is a table, and its exit code is 1 when one does not hold', async () => {
  const project = await openProject(WITH_VERIFY, 'server')
  await project.run(['up'])
  expect((await project.run(['verify'])).code).toBe(0)
  await project.server?.query('INSERT INTO users VALUES (-1)')
  const { code, stdout } = await project.run(['verify'])
  expect(code).toBe(1)
  expect(stdout.replaceAll(/ +\d+ ms/g, ' <time>')).toBe(`tidemark  <database>  3 migrations applied

 ✗  001_users         failed      1 query <time>
    "001_users" verify 1 of 1: failed: row 1 is false, not true
    SELECT count(*) = 0 FROM users WHERE id < 0
 ·  002_posts         no @verify
 ·  003_posts_author  no @verify

0 held, 1 failed, 2 without @verify
`)
  const { counts } = JSON.parse((await project.run(['verify', '--json'])).stdout)
  expect(counts).toEqual({ held: 0, failed: 1, none: 2 })
  expect((await project.run(['verify', '001_user'])).stderr).toContain('did you mean "001_users"?')
})

describe('branches', () => {
  const branch = (id: string, sql: string) =>
    `-- Depends on: [001_users]\n-- @up\n${sql}\n-- @down\nDROP TABLE t_${id};\n`
  const FORKED = {
    'migrations/001_users.sql': SHOP['migrations/001_users.sql'] ?? '',
    'migrations/002_likes.sql': branch(
      'likes',
      'CREATE TABLE t_likes (id int);\nALTER TABLE users ADD likes int;',
    ),
    'migrations/002_tags.sql': branch('tags', 'CREATE TABLE t_tags (id int);\nUPDATE users SET id = id;'),
  }

  test('are listed with fork point, sides and what both change; merge joins them; new depends on the one head', async () => {
    const project = await openProject(FORKED)
    const { url } = await openShadowServer()
    const executed = (await project.run(['branches', '--shadow', url])).stdout
    expect(executed).toBe(`2 heads: 002_likes, 002_tags

002_likes and 002_tags diverge after 001_users
  002_likes  brings 002_likes
  002_tags   brings 002_tags
  ! both change users: 002_likes and 002_tags
  ✓ executed in both orders: no difference

Several heads are fine: \`up\` applies all. Join them with \`tidemark merge\`.
`)
    expect((await project.run(['branches', '--no-check'])).stdout).toBe(
      executed.replace('  ✓ executed in both orders: no difference\n', ''),
    )
    expect((await project.run(['merge', '--shadow', url])).stdout).toBe(
      '✓ migrations/003_merge.sql  (joins 002_likes, 002_tags)\n  ✓ executed in both orders: no difference\n',
    )
    expect((await project.run(['branches'])).stdout).toBe('1 head: 003_merge. Nothing to merge.\n')
    expect((await project.run(['merge', '--heads', '003_merge'])).stderr).toContain('error TM7018')
    expect((await project.run(['new', 'more'])).stdout).toContain('(depends on 003_merge)')
  })

  test('whose order matters say how, and those that do not run say why nothing is known', async () => {
    const { url } = await openShadowServer()
    const age = (type: string) => `ALTER TABLE users ADD COLUMN IF NOT EXISTS age ${type};`
    const project = await openProject({
      'migrations/001_users.sql': SHOP['migrations/001_users.sql'] ?? '',
      'migrations/002_a.sql': branch('a', age('int')),
      'migrations/002_b.sql': branch('b', age('text')),
    })
    const verdict = `  ✗ order-differs: the schema depends on whether "002_a" or "002_b" runs first
      column public.users.age: type is "text" instead of "integer"
    help: add 002_a to \`Depends on\` of 002_b
`
    expect((await project.run(['branches', '--shadow', url])).stdout).toContain(verdict)
    const { pairs } = JSON.parse((await project.run(['branches', '--shadow', url, '--json'])).stdout)
    expect(pairs).toMatchObject([
      { order: { result: 'matters', findings: [{ rule: 'order-differs' }], why: null } },
    ])

    await project.write('migrations/002_b.sql', branch('b', 'CREAT TABLE x ();'))
    expect((await project.run(['branches', '--shadow', url])).stdout).toContain(
      '  ? not executed in both orders: "002_b" does not run: ',
    )
    const unreachable = ['--shadow', 'postgres://ada@127.0.0.1:1/postgres']
    const merged = await project.run(['merge', ...unreachable, '--json'])
    expect(JSON.parse(merged.stdout)).toMatchObject({
      id: '003_merge',
      orders: [{ heads: ['002_a', '002_b'], result: 'not_checked', findings: [] }],
    })
  })

  test('switch follows the checkout, and is refused on a protected database', async () => {
    const project = await openProject(FORKED, 'server')
    await project.run(['up'])
    await rm(join(project.folder, 'migrations/002_likes.sql'))
    const shown = await project.run(['switch'])
    expect([shown.code, shown.stdout]).toEqual([
      2,
      `tidemark  <database>  1 to roll back

  1  002_likes  applied <moment> by <user> in run <run>
     DROP TABLE t_likes;
     ! drops the table t_likes, about 0 rows
     · takes ACCESS EXCLUSIVE on t_likes, and on the tables it refers to

2 other migrations stay applied.
Never checked what this brings back: 002_likes.
! 1 statement destroys data or objects.
Locks are read from the text; triggers, functions, partitions can add more.
`,
    ])
    await project.write('tidemark.config.json', '{ "protected": true }')
    for (const command of ['switch', 'reset']) {
      expect(await project.run([command, '--yes'])).toMatchObject({
        code: 2,
        stdout: '',
        stderr: expect.stringContaining('error TM7013'),
      })
    }
    await rm(join(project.folder, 'tidemark.config.json'))
    expect((await project.run(['switch', '--yes'])).stdout).toContain('✓ 1 migration rolled back')
    expect(await project.run(['switch', '--yes'])).toEqual({
      code: 0,
      stdout: 'the database follows the files already\n',
      stderr: '',
    })
  })
})

test('a repair that stores nothing says why below the differences', async () => {
  const project = await openProject(SHOP, 'server')
  await project.run(['up'])
  expect(await project.run(['repair'])).toEqual({ code: 0, stdout: 'nothing to repair\n', stderr: '' })
  expect((await project.run(['repair', '--dry-run'])).stdout).toBe(
    'tidemark  <database>  nothing to repair\n',
  )
  await project.write('migrations/001_users.sql', '-- Type: create_table\n-- @up\nSELECT 1;\n')
  const difference = `tidemark  <database>  1 difference

migrations/001_users.sql:3:1 warning TM4001: "001_users" has changed since it was applied: @up, @down
3 | SELECT 1;
  | ^^^^^^^^^
@up
- CREATE TABLE users (id int PRIMARY KEY);
+ SELECT 1;
@down
- DROP TABLE users;
+
help: restore the file and put the change into a new migration; if the database already matches the file: tidemark repair 001_users --adopt

nothing was stored: 1 difference needs review, see the help above
`
  expect(await project.run(['repair'])).toEqual({ code: 4, stdout: difference, stderr: '' })
  expect(await project.run(['repair', '--dry-run'])).toEqual({ code: 0, stdout: difference, stderr: '' })
})

test('a run that includes nothing says so', async () => {
  const project = await openProject(SHOP, 'server')
  await project.run(['up'])
  await project.write('migrations/004_fill.sql', '-- Blocking: false\n-- @up\nSELECT 1;\n')
  expect(await project.run(['up', '--blocking'])).toEqual({
    code: 0,
    stdout: `tidemark  <database>  1 pending of 4
nothing to apply; not included: 004_fill
`,
    stderr: '',
  })
  expect((await project.run(['up'])).stdout).toContain('✓ 1 migration applied')
  expect((await project.run(['up', '--blocking'])).stdout).toBe(
    'tidemark  <database>  4 of 4 applied, nothing pending\n',
  )
})

test('redo and reset roll back and apply again', async () => {
  const project = await openProject(SHOP, 'server')
  await project.run(['up'])
  expect((await project.run(['redo', '--yes'])).stdout).toContain(
    'tidemark  <database>  1 to roll back, 1 to apply\n',
  )
  expect(await project.run(['redo', '001_users', '--yes'])).toEqual({
    code: 2,
    stdout: '',
    stderr: `migrations/001_users.sql:1:1 error TM6002: "002_posts" is applied and depends on "001_users"
1 | -- Migration: 001_users
  | ^
help: roll it back too: tidemark redo 001_users --cascade
`,
  })
  const reset = JSON.parse((await project.run(['reset', '--yes', '--json'])).stdout)
  expect(reset.done.map(({ action, id }: { action: string; id: string }) => `${action} ${id}`)).toEqual([
    'roll_back 003_posts_author',
    'roll_back 002_posts',
    'roll_back 001_users',
    'apply 001_users',
    'apply 002_posts',
    'apply 003_posts_author',
  ])
})

test('a backup of an embedded database is refused before anything runs, and so is an unknown restore', async () => {
  const project = await openProject(SHOP, 'embedded')
  await project.run(['up'])
  expect(await project.run(['down', '--all', '--backup', '--yes'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('error TM7016'),
  })
  expect((await project.run(['status'])).stdout).toContain('3 applied')
  expect((await project.run(['restore', 'x', '--yes'])).stderr).toContain('error TM7016')
})

test('up --plan with --dry-run shows that plan, and refuses a missing or stale one as up --plan does', async () => {
  const { run, write } = await openProject(SHOP, 'server')
  await run(['plan', '--target', '001_users', '--out', 'plan.json'])
  const dryRun = ['up', '--plan', 'plan.json', '--dry-run']
  const { code, stdout } = await run(dryRun)
  expect({ code, stdout }).toEqual({
    code: 0,
    stdout: expect.stringContaining('Execute it with `tidemark up --plan plan.json`.'),
  })
  const shown = JSON.parse((await run([...dryRun, '--json'])).stdout)
  expect(shown.steps.map(({ id }: { id: string }) => id)).toEqual(['001_users'])
  for (const other of ['missing.json', 'migrations/001_users.sql']) {
    const args = ['up', '--plan', other]
    const refused = await run(args)
    expect(refused.code).not.toBe(0)
    expect(await run([...args, '--dry-run'])).toEqual(refused)
  }
  await write('migrations/001_users.sql', '-- @up\nCREATE TABLE users (id bigint PRIMARY KEY);\n')
  const stale = await run(['up', '--plan', 'plan.json'])
  expect(stale).toMatchObject({ code: 4, stderr: expect.stringContaining('TM4006') })
  expect(await run(dryRun)).toEqual(stale)
  expect(await run([...dryRun, '--target', '001_users'])).toMatchObject({ code: 2 })
})

test('without the migrations folder, what needs only the database works, and the rest says that it needs the folder', async () => {
  const { run, folder, server } = await openProject(SHOP, 'server')
  await run(['up'])
  await rename(join(folder, 'migrations'), join(folder, 'elsewhere'))
  for (const args of [
    ['history'],
    ['history', '002'],
    ['verify'],
    ['down', '--dry-run'],
    ['down', '--target', '003', '--yes'],
    ['down', '--to', '001_users', '--yes'],
    ['mark', '002_posts', '--as', 'pending', '--yes'],
    ['mark', '001_users', '--as', 'rolled_back', '--dry-run'],
    ['down', '--all', '--yes'],
    ['doctor'],
  ]) {
    expect({ args, ...(await run(args)) }).toMatchObject({ args, code: 0 })
  }
  expect(await server?.query('SELECT id, status::text FROM schema_migrations ORDER BY id')).toEqual([
    { id: '001_users', status: 'rolled_back' },
    { id: '002_posts', status: 'pending' },
    { id: '003_posts_author', status: 'rolled_back' },
  ])
  for (const args of [
    ['up'],
    ['plan'],
    ['status'],
    ['wait'],
    ['down', '--from-files', '--yes'],
    ['mark', '001_users', '--as', 'completed', '--yes'],
    ['redo', '--yes'],
    ['reset', '--yes'],
    ['switch', '--yes'],
    ['repair'],
    ['baseline', '--through', '001_users', '--yes'],
  ]) {
    expect({ args, ...(await run(args)) }).toMatchObject({
      args,
      code: 2,
      stderr: expect.stringContaining('error TM7020: the migrations folder "migrations" does not exist'),
    })
  }
})
