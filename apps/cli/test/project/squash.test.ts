import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createTestDatabase } from '@tidemark/test-servers'
import { beforeAll, expect, test } from 'vitest'
import { buildWhenStale } from '../support/build-when-stale.ts'
import { openProject, SHOP } from '../support/project.ts'

beforeAll(buildWhenStale)

const FILES = {
  'migrations/001_users.sql': `-- Type: create_table
-- Lock timeout: 2s
-- Tags: [core]
-- @up
-- Who signs in; "@down" in here is text.
CREATE TABLE users (id int PRIMARY KEY, note text DEFAULT '-- @down');
-- @down
DROP TABLE users;
-- @verify
SELECT count(*) = 0 FROM users
`,
  'migrations/002_rows.sql': `-- Depends on: [001_users]
-- @up
SET search_path TO pg_catalog;
SET LOCAL ROLE postgres;
CREATE TEMP TABLE scratch (id int);
COPY public.users (id, note) FROM stdin;
1	a;b
2	-- @verify
\\.
-- @down
DELETE FROM users WHERE id < 3
`,
  'migrations/003_posts.sql': `-- Depends on: [002_rows]
-- Lock timeout: 9s
-- @up
CREATE TABLE posts (id int PRIMARY KEY, author int REFERENCES users)
-- no semicolon above
-- @down
DROP TABLE posts;
`,
  'migrations/004_later.sql': '-- Depends on: [001_users]\n-- @up\nSELECT 1;\n-- @down\nSELECT 1;\n',
}

test('a squash holds every statement in its order, the downs in reverse, and takes back what sessions keep', async () => {
  const { run, folder } = await openProject(FILES)
  expect(await run(['squash', 'base', '--through', '003'])).toEqual({
    code: 0,
    stdout: `✓ migrations/005_base.sql  (replaces 3 migrations, 001_users to 003_posts)
  ! all @verify run at the end: those of early migrations must still hold then

It is ignored as long as one of those files is there. Once every database has them, delete them:
\`tidemark squash 005_base --delete\`. A database then records the squash with its next
\`tidemark up\`, and an empty one runs it.
`,
    stderr: '',
  })
  expect(await readFile(join(folder, 'migrations/005_base.sql'), 'utf8')).toBe(`-- Migration: 005_base
-- Description: Squash of 3 migrations, 001_users to 003_posts
-- Type: custom_sql
-- Depends on: []
-- Lock timeout: 9s
-- Replaces: [001_users, 002_rows, 003_posts]
-- Tags: [core]

-- @up
-- 001_users
-- Who signs in; "@down" in here is text.
CREATE TABLE users (id int PRIMARY KEY, note text DEFAULT '-- @down');

-- 002_rows
SET search_path TO pg_catalog;
SET LOCAL ROLE postgres;
CREATE TEMP TABLE scratch (id int);
COPY public.users (id, note) FROM stdin;
1	a;b
2	-- @verify
\\.
RESET search_path;
RESET ROLE;
DISCARD TEMP;

-- 003_posts
CREATE TABLE posts (id int PRIMARY KEY, author int REFERENCES users);
-- no semicolon above

-- @down
-- 003_posts
DROP TABLE posts;

-- 002_rows
DELETE FROM users WHERE id < 3;

-- 001_users
DROP TABLE users;

-- @verify
-- 001_users
SELECT count(*) = 0 FROM users;
`)
})

test('a database with the originals records the squash, an empty one runs it, and both end equal', async () => {
  const { run, folder } = await openProject({ ...FILES, ...WITHOUT_VERIFY })
  const [old, fresh] = [await createTestDatabase(), await createTestDatabase()]
  expect(await run(['up', '--database-url', old.url])).toMatchObject({ code: 0, stderr: '' })
  expect((await run(['squash', 'base', '--through', '003', '--delete'])).stdout).toContain('3 files deleted.')
  expect((await readdir(join(folder, 'migrations'))).sort()).toEqual(['004_later.sql', '005_base.sql'])
  for (const { url } of [old, fresh]) {
    expect(await run(['up', '--database-url', url])).toMatchObject({ code: 0, stderr: '' })
    const status = JSON.parse((await run(['status', '--json', '--database-url', url])).stdout)
    expect(status.counts).toEqual({ applied: 2, pending: 0, changed: 0, orphaned: 0, elsewhere: 0 })
  }
  const shape =
    "SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_name IN ('users', 'posts') ORDER BY 1, ordinal_position"
  expect(await fresh.query(shape)).toEqual(await old.query(shape))
  expect(await fresh.query('SELECT id, note FROM users ORDER BY id')).toEqual([
    { id: 1, note: 'a;b' },
    { id: 2, note: '-- @verify' },
  ])
  await Promise.all([old.drop(), fresh.drop()])
})

const WITHOUT_VERIFY = {
  'migrations/001_users.sql': FILES['migrations/001_users.sql'].replace(/-- @verify\n.*\n$/, ''),
}

test('a new number is above that of a squash beside its originals, and above what a squash replaced', async () => {
  const { run, write } = await openProject(FILES)
  await run(['squash', 'base', '--through', '003'])
  expect((await run(['new', 'add_tags'])).stdout).toBe(
    '✓ migrations/006_add_tags.sql  (depends on 003_posts, 004_later)\n',
  )
  await write('migrations/006_add_tags.sql', '-- Depends on: [003_posts]\n-- @up\nSELECT 1;\n')
  expect((await run(['merge', 'join'])).stdout).toMatch(/^✓ migrations\/007_join.sql /)
  const folded = '-- Replaces: [001_a, 008_b]\n-- @up\nSELECT 1;\n'
  const other = await openProject({ 'migrations/002_all.sql': folded })
  expect((await other.run(['new', 'b'])).stdout).toMatch(/^✓ migrations\/009_b.sql /)
})

test('squash, then --delete with the same words, deletes what the first one replaced', async () => {
  const { run, folder, write } = await openProject(FILES)
  await run(['squash', 'base', '--through', '003'])
  await write('migrations/006_more.sql', '-- Depends on: [003_posts]\n-- @up\nSELECT 1;\n')
  const text = await readFile(join(folder, 'migrations/005_base.sql'), 'utf8')
  expect(await run(['squash', 'base', '--through', '003', '--delete'])).toEqual({
    code: 0,
    stdout:
      '✓ migrations/005_base.sql  (replaces 3 migrations, 001_users to 003_posts)\n\n3 files deleted.\n',
    stderr: '',
  })
  expect((await readdir(join(folder, 'migrations'))).sort()).toEqual([
    '004_later.sql',
    '005_base.sql',
    '006_more.sql',
  ])
  expect(await readFile(join(folder, 'migrations/005_base.sql'), 'utf8')).toBe(text)
  expect((await run(['validate'])).code).toBe(0)
})

test('a second squash of the same name names the command that ends the first', async () => {
  const { run } = await openProject(FILES)
  await run(['squash', 'base', '--through', '003'])
  expect(await run(['squash', 'base', '--through', '003'])).toEqual({
    code: 2,
    stdout: '',
    stderr: `error TM7025: "005_base" is a squash already, and files that it replaces are still there
help: once every database has them, delete them with \`tidemark squash 005_base --delete\`; for another squash choose another name
`,
  })
  const shown = await run(['squash', 'base', '--delete', '--dry-run'])
  expect([shown.code, shown.stdout.split('\n')[0]]).toEqual([0, '-- Migration: 005_base'])
})

test('originals that a squash no longer holds are not deleted', async () => {
  const { run, folder, write } = await openProject(FILES)
  await run(['squash', 'base', '--through', '003'])
  const text = await readFile(join(folder, 'migrations/005_base.sql'), 'utf8')
  await write('migrations/005_base.sql', text.replace('CREATE TABLE posts', 'CREATE TABLE articles'))
  expect(await run(['squash', 'base', '--delete'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('"005_base" does not have every statement of "003_posts"'),
  })
  expect(await readdir(join(folder, 'migrations'))).toHaveLength(5)
})

test('a squash of a squash replaces what that replaced as well', async () => {
  const { run } = await openProject(SHOP, 'server')
  await run(['up', '--target', '002_posts'])
  await run(['squash', 'one', '--through', '002', '--delete'])
  await run(['up'])
  const { stdout } = await run(['squash', 'two', '--transaction', 'none', '--delete', '--json'])
  expect(JSON.parse(stdout)).toMatchObject({
    id: '005_two',
    replaces: ['001_users', '002_posts', '004_one', '003_posts_author'],
    deleted: ['migrations/004_one.sql', 'migrations/003_posts_author.sql'],
  })
  expect((await run(['up'])).code).toBe(0)
  expect((await run(['status'])).stdout).toMatch(
    /✓ {2}005_two {2}applied .*\n\n1 applied, 0 pending; head: 005_two\n$/,
  )
})

test('where one cannot be rolled back the squash cannot, and the other downs are in it as comments', async () => {
  const { run } = await openProject({
    'migrations/001_a.sql': '-- @up\nCREATE TABLE a (id int);\n-- @down\nDROP TABLE a;\n',
    'migrations/002_b.sql': '-- Depends on: [001_a]\n-- @up\nTRUNCATE a;\n',
  })
  expect((await run(['squash', '--dry-run'])).stdout).toBe(`-- Migration: 003_squash
-- Description: Squash of 2 migrations, 001_a to 002_b
-- Type: custom_sql
-- Depends on: []
-- Replaces: [001_a, 002_b]

-- @up
-- 001_a
CREATE TABLE a (id int);

-- 002_b
TRUNCATE a;

-- Not rolled back, because 002_b cannot be; what the others would do:
-- | -- 001_a
-- | DROP TABLE a;
`)
  expect((await run(['validate'])).stdout).toBe('✓ 2 migrations, no problem; head: 002_b\n')
})

test.each([
  ['different transactions', SHOP, [], '003_posts_author and 001_users differ in Transaction'],
  [
    'different roles',
    {
      'migrations/001_a.sql': '-- @up\nSELECT 1;\n',
      'migrations/002_b.sql': '-- Role: owner\n-- @up\nSELECT 1;\n',
    },
    [],
    '001_a and 002_b differ in Role',
  ],
  [
    'one that runs again',
    {
      'migrations/001_a.sql': '-- Run: on_change\n-- @up\nSELECT 1;\n',
      'migrations/002_b.sql': '-- Depends on: [001_a]\n-- @up\nSELECT 1;\n',
    },
    ['--through', '002_b'],
    '001_a runs again on every change',
  ],
  ['one alone', { 'migrations/001_a.sql': '-- @up\nSELECT 1;\n' }, [], 'there is only 001_a'],
])('%s are refused, and nothing is written', async (_, files, flags, message) => {
  const { run, folder } = await openProject(files)
  const { code, stdout, stderr } = await run(['squash', 'x', ...flags])
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toContain(`error TM7025: ${message}\n`)
  expect(await readdir(join(folder, 'migrations'))).toHaveLength(Object.keys(files).length)
})

test('a set with others between its members is refused as a cycle', async () => {
  const { run } = await openProject({
    'migrations/001_a.sql': '-- @up\nSELECT 1;\n',
    'migrations/002_view.sql': '-- Depends on: [001_a]\n-- Run: on_change\n-- @up\nSELECT 1;\n',
    'migrations/003_c.sql': '-- Depends on: [002_view]\n-- @up\nSELECT 1;\n',
  })
  expect(await run(['squash'])).toMatchObject({ code: 2, stderr: expect.stringContaining('TM2003') })
})
