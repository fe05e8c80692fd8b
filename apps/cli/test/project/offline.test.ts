import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { beforeAll, expect, test } from 'vitest'
import { buildWhenStale } from '../support/build-when-stale.ts'
import { openProject, SHOP } from '../support/project.ts'

beforeAll(buildWhenStale)

test('validate counts, names the heads and exits 0', async () => {
  const { run } = await openProject(SHOP)
  expect(await run(['validate'])).toEqual({
    code: 0,
    stdout: '✓ 3 migrations, no problem; head: 003_posts_author\n',
    stderr: '',
  })
})

test('validate warns when the type contradicts the SQL, and --strict fails', async () => {
  const { run } = await openProject({
    'migrations/001_a.sql': '-- Type: create_table\n-- @up\nALTER TABLE a ADD b int;\n-- @down\nSELECT 1;\n',
  })
  const warning = `migrations/001_a.sql:1:10 warning TM1029: the type is "create_table", but "@up" creates no table
1 | -- Type: create_table
  |          ^^^^^^^^^^^^
help: write "-- Type: alter_table"
`
  expect(await run(['validate'])).toEqual({
    code: 0,
    stdout: `${warning}\n! 1 migration, 1 warning; head: 001_a\n`,
    stderr: '',
  })
  expect(await run(['validate', '--strict'])).toEqual({ code: 2, stdout: '', stderr: warning })
})

test('validate annotates a pull request, by paths from the root of the repository', async () => {
  const { run, folder } = await openProject({
    'app/migrations/001_a.sql': '-- Type: create_tabel, 100%\n-- @up\nSELECT 1;\n',
    'app/migrations/002_b.sql':
      '-- Type: create_table\n-- @up\nALTER TABLE a ADD b int;\n-- @down\nSELECT 1;\n',
  })
  const github = { cwd: join(folder, 'app'), env: { GITHUB_WORKSPACE: folder } }
  const { code, stdout, stderr } = await run(['validate', '--report', 'github'], github)
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr.split('\n')[0]).toMatch(
    /^::error title=TM1006,file=app\/migrations\/001_a\.sql,line=1,col=10::.*create_tabel, 100%25.*%0Ahelp: /,
  )
  await rm(join(folder, 'app/migrations/001_a.sql'))
  expect(
    await run(['validate', '--report', 'github', '--report', 'junit=../report.xml'], github),
  ).toMatchObject({
    code: 0,
    stderr:
      '::warning title=TM1029,file=app/migrations/002_b.sql,line=1,col=10::the type is "create_table", but "@up" creates no table%0Ahelp: write "-- Type: alter_table"\n',
  })
  expect(await readFile(join(folder, 'report.xml'), 'utf8')).toContain('tests="1" failures="0"')
})

test('validate writes a JUnit report, also when it fails', async () => {
  const { run, folder, write } = await openProject(SHOP)
  await run(['validate', '--report', 'junit=out/report.xml'])
  expect(await readFile(join(folder, 'out/report.xml'), 'utf8')).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="tidemark" tests="3" failures="0">
  <testsuite name="tidemark validate" tests="3" failures="0">
    <testcase classname="tidemark" name="migrations/001_users.sql"/>
    <testcase classname="tidemark" name="migrations/002_posts.sql"/>
    <testcase classname="tidemark" name="migrations/003_posts_author.sql"/>
  </testsuite>
</testsuites>
`)
  await write('migrations/004_x.sql', '-- Depends on: [<&>]\n-- @up\nSELECT 1;\n')
  expect((await run(['validate', '--report', 'junit=out/report.xml'])).code).toBe(2)
  const report = await readFile(join(folder, 'out/report.xml'), 'utf8')
  expect(report).toMatch(
    /<testsuite name="tidemark validate" tests="1" failures="1">\n.*name="migrations\/004_x\.sql">\n.*<failure type="TM1009"/,
  )
  expect(report).not.toContain('<&>')
})

test('graph draws a tree, Mermaid and DOT', async () => {
  const { run, write } = await openProject(SHOP)
  await write('migrations/004_tags.sql', '-- Depends on: [001_users]\n-- @up\nSELECT 1;\n')
  await write('migrations/005_both.sql', '-- Depends on: [003_posts_author, 004_tags]\n-- @up\nSELECT 1;\n')
  expect((await run(['graph'])).stdout).toBe(`○ 001_users
├─● 002_posts
│ ● 003_posts_author
└─● 004_tags
  ● 005_both  also after 003_posts_author  (head)
`)
  expect((await run(['graph', '--format', 'mermaid'])).stdout).toBe(`flowchart TD
  m0["001_users"]
  m1["002_posts"]
  m2["003_posts_author"]
  m3["004_tags"]
  m4["005_both"]
  m0 --> m1
  m1 --> m2
  m0 --> m3
  m2 --> m4
  m3 --> m4
`)
  expect((await run(['graph', '--format', 'dot'])).stdout).toBe(`digraph migrations {
  node [shape=box]
  "001_users"
  "002_posts"
  "003_posts_author"
  "004_tags"
  "005_both"
  "001_users" -> "002_posts"
  "002_posts" -> "003_posts_author"
  "001_users" -> "004_tags"
  "003_posts_author" -> "005_both"
  "004_tags" -> "005_both"
}
`)
})

test('show prints a migration with its defaults, and with --sql one section alone', async () => {
  const { run } = await openProject(SHOP)
  const { stdout } = await run(['show', '002'])
  expect(stdout.replace(/[0-9a-f]{64}/, '<checksum>')).toBe(`002_posts  posts

  file         migrations/002_posts.sql
  type         create_table
  depends on   001_users
  dependents   003_posts_author
  transaction  required
  run          once
  reversible   yes
  blocking     yes
  checksum     <checksum>

@up  1 statement
CREATE TABLE posts (id int PRIMARY KEY, author int REFERENCES users);

@down  1 statement
DROP TABLE posts;
`)
  expect(await run(['show', '002_posts', '--sql', '--phase', 'down'])).toEqual({
    code: 0,
    stdout: 'DROP TABLE posts;\n',
    stderr: '',
  })
})

test('new writes the next number, depending on the heads, as a file that is valid', async () => {
  const { run, folder } = await openProject(SHOP)
  expect(await run(['new', 'create comments', '--type', 'create_table'])).toEqual({
    code: 0,
    stdout: '✓ migrations/004_create_comments.sql  (depends on 003_posts_author)\n',
    stderr: '',
  })
  expect(
    await readFile(join(folder, 'migrations/004_create_comments.sql'), 'utf8'),
  ).toBe(`-- Migration: 004_create_comments
-- Description: create comments
-- Type: create_table
-- Depends on: [003_posts_author]

-- @up
CREATE TABLE comments (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY
);

-- @down
DROP TABLE comments;
`)
  expect(await run(['validate'])).toMatchObject({ code: 0 })
  expect((await run(['new', 'x', '--depends-on', '001_users,002_posts'])).stdout).toBe(
    '✓ migrations/005_x.sql  (depends on 001_users, 002_posts)\n',
  )
  expect(await run(['new', '///'])).toMatchObject({ code: 2, stderr: expect.stringContaining('TM7008') })
})

test('new follows the timestamps of a project, and keeps what was typed in the description', async () => {
  const { folder, run, write } = await openProject({
    'migrations/20240115093000_users.SQL': '-- @up\nCREATE TABLE users (id int);\n',
  })
  const made = await run(['new', 'добавить заказы', '--type', 'create_table'])
  const id = /migrations\/(\d{14}_dobavit_zakazy)\.sql/.exec(made.stdout)?.[1] ?? ''
  expect(made).toEqual({
    code: 0,
    stdout: `✓ migrations/${id}.sql  (depends on 20240115093000_users)\n`,
    stderr: '',
  })
  expect(await readFile(join(folder, `migrations/${id}.sql`), 'utf8')).toBe(`-- Migration: ${id}
-- Description: добавить заказы
-- Type: create_table
-- Depends on: [20240115093000_users]

-- @up
CREATE TABLE dobavit_zakazy (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY
);

-- @down
DROP TABLE dobavit_zakazy;
`)
  expect(await run(['validate', '--strict'])).toMatchObject({ code: 0 })
  await write('migrations/003_c.sql.txt', 'SELECT 1;')
  expect(await run(['validate', '--strict'])).toEqual({
    code: 2,
    stdout: '',
    stderr: expect.stringContaining('TM7028: "migrations/003_c.sql.txt" is not read'),
  })
})

test('init takes the folder and the schema that are named', async () => {
  const { run, folder } = await openProject({})
  expect((await run(['init', '--dir', 'db/migrations', '--schema', 'ops'])).stdout).toContain(
    '✓ db/migrations/001_create_notes.sql\n',
  )
  expect(await readFile(join(folder, 'tidemark.config.json'), 'utf8')).toBe(
    '{\n  "$schema": "./node_modules/tidemark/config.schema.json",\n  "migrations": "db/migrations",\n  "schema": "ops"\n}\n',
  )
  expect((await run(['validate'])).stdout).toBe('✓ 1 migration, no problem; head: 001_create_notes\n')
})

test('init proposes the variable of .env, and leaves the first migration to who has a database', async () => {
  const { run, folder } = await openProject({
    '.env': 'PORT=80\nPOSTGRES_URL=postgresql://ada:secret-of-env@db/shop\n',
  })
  expect(await run(['init'])).toEqual({
    code: 0,
    stdout: `✓ tidemark.config.json
✓ .gitignore

Found .env: the database is its variable POSTGRES_URL.

Next:
  tidemark new create_orders  write the next migration
  tidemark status             what is applied, and what is pending
  tidemark help format        what a file looks like
`,
    stderr: '',
  })
  expect(JSON.parse(await readFile(join(folder, 'tidemark.config.json'), 'utf8'))).toEqual({
    $schema: './node_modules/tidemark/config.schema.json',
    database: `$\{POSTGRES_URL}`,
    migrations: 'migrations',
  })
  const made = await run(['new', 'create_orders', '--type', 'create_table'])
  expect(made.stdout).toBe('✓ migrations/001_create_orders.sql  (depends on nothing)\n')
})

test('init writes no sample for a database that a variable names', async () => {
  const { run } = await openProject({})
  const { stdout } = await run(['init'], { env: { DATABASE_URL: 'postgres://db/shop' } })
  expect(stdout).toMatch(/^✓ tidemark\.config\.json\n✓ \.gitignore\n/)
})

test('in a Supabase project the embedded database has what its migrations name, from import to up', async () => {
  const { run, folder } = await openProject({
    'supabase/config.toml': 'project_id = "shop"\n',
    'supabase/migrations/20240101000000_notes.sql':
      'CREATE TABLE notes (id uuid PRIMARY KEY REFERENCES auth.users);\nALTER TABLE notes ENABLE ROW LEVEL SECURITY;\nCREATE POLICY own ON notes TO authenticated USING (auth.uid() = id);\n',
  })
  expect((await run(['init', '--embedded'])).code).toBe(0)
  expect(JSON.parse(await readFile(join(folder, 'tidemark.config.json'), 'utf8'))).toEqual({
    $schema: './node_modules/tidemark/config.schema.json',
    database: 'pglite:.tidemark/db',
    migrations: 'migrations',
    schema: 'tidemark',
    embedded: { profile: 'supabase' },
  })
  expect((await run(['import'])).code).toBe(0)
  expect((await run(['up'])).stdout).toContain('✓ 1 migration applied')
})

test('letters with marks become plain ones in a new number', async () => {
  const { run } = await openProject(SHOP)
  expect((await run(['new', ' Größe ändern.sql'])).stdout).toBe(
    '✓ migrations/004_Grosse_andern.sql  (depends on 003_posts_author)\n',
  )
})

test('init starts a project that up can apply at once, and overwrites nothing', async () => {
  const { run, folder } = await openProject({ '.gitignore': 'node_modules' })
  expect(await run(['init', '--embedded'])).toEqual({
    code: 0,
    stdout: `✓ tidemark.config.json
✓ migrations/001_create_notes.sql
✓ .gitignore

Next:
  tidemark up              apply the first migration to .tidemark/db
  tidemark new add_orders  write the next one
  tidemark help format     what a file looks like
`,
    stderr: '',
  })
  expect(await readFile(join(folder, '.gitignore'), 'utf8')).toBe('node_modules\n.tidemark/\n')
  expect((await run(['up'])).stdout).toContain('✓ 1 migration applied')
  expect(await run(['init'])).toMatchObject({ code: 2, stderr: expect.stringContaining('TM7011') })
})

// pg is inside the bundle, and known by what it loads of Node: the second part shows that it would be
// noticed.
const TELLING = `import { createRequire } from 'node:module'
const { cache } = createRequire(import.meta.url)
process.on('exit', () => {
  if (process.moduleLoadList.includes('NativeModule dns')) console.error('loaded pg')
  if (Object.keys(cache).some((path) => path.includes('pglite'))) console.error('loaded PGlite')
})
`

test('commands that need no database load neither pg nor PGlite', async () => {
  const { run, folder } = await openProject({ ...SHOP, 'telling.mjs': TELLING })
  const env = { NODE_OPTIONS: `--import=${pathToFileURL(join(folder, 'telling.mjs')).href}` }
  for (const args of [['validate'], ['--version'], ['--help'], ['help', 'up'], ['graph'], ['show', '001']]) {
    expect(await run(args, { env })).toMatchObject({ code: 0, stderr: '' })
  }
  for (const [database, name] of [
    ['postgres://ada@127.0.0.1:1/x', 'pg'],
    ['pglite:memory', 'PGlite'],
  ] as const) {
    const { stderr } = await run(['status', '--database-url', database], { env })
    expect(stderr).toContain(`loaded ${name}`)
  }
})

test('every command has help with examples, and every topic a text', async () => {
  const { run } = await openProject({})
  const root = await run(['--help'])
  expect(root.stderr).toBe('')
  const { COMMAND_NAMES } = await import('../../src/main/commands.ts')
  for (const name of COMMAND_NAMES) {
    expect(root.stdout).toContain(`  ${name} `)
    const { code, stdout } = await run([name, '--help'])
    expect(code).toBe(0)
    expect(stdout).toMatch(/EXAMPLES\n {2}\S/)
    expect(stdout).toContain(`tidemark ${name}`)
  }
  for (const topic of ['format', 'config', 'exit-codes']) {
    expect(await run(['help', topic])).toMatchObject({ code: 0, stderr: '' })
  }
})

test.each([40, 80])('help fits %i columns, but for what has no place to break', async (columns) => {
  const { run } = await openProject({})
  const { COMMAND_NAMES } = await import('../../src/main/commands.ts')
  const topics = ['format', 'config', 'exit-codes', ''].map((topic) => ['help', topic].filter(Boolean))
  for (const args of [...topics, ...COMMAND_NAMES.map((name) => [name, '--help'])]) {
    const { stdout } = await run(args, { env: { COLUMNS: String(columns) } })
    const wide = stdout.split('\n').filter((line) => line.length > columns && line.trim().includes(' '))
    expect({ args, wide: wide.filter((line) => !line.includes('"postgres://')) }).toEqual({ args, wide: [] })
  }
})

test('the printed scripts complete in bash', async () => {
  const { run } = await openProject({})
  const { stdout } = await run(['completion', 'bash'])
  expect(stdout).toContain('complete -F _tidemark tidemark')
  for (const shell of ['zsh', 'fish']) expect((await run(['completion', shell])).stdout).toContain('validate')
})
