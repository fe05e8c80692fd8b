import { execFileSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createTestDatabase } from '@tidemark/test-servers'
import { beforeAll, expect, onTestFinished, test } from 'vitest'
import { buildWhenStale } from '../support/build-when-stale.ts'
import { openProject } from '../support/project.ts'
import { openShadowServer } from '../support/shadow-server.ts'

beforeAll(buildWhenStale)

const OLD = {
  'migrations/001_users.sql':
    '-- @up\nCREATE TABLE users (id int PRIMARY KEY);\n-- @down\nDROP TABLE users;\n',
  'migrations/002_mood.sql': `-- @up\nCREATE TYPE mood AS ENUM ('sad');\n-- @down\nDROP TYPE mood;\n`,
}
/** It uses 002, and does not need 001. */
const NEW = `-- Migration: 003_moods\r
-- Depends on: [001_users]\r
\r
-- @up\r
CREATE TABLE moods (m mood);\r
-- @down\r
DROP TABLE moods;\r
`
const FIXED = NEW.replace('[001_users]', '[002_mood]')
const FILE = 'migrations/003_moods.sql'
const CHECK = ['check', '003', '--only', 'closure', '--fix'] as const

/** A branch with a new file, and a server for shadows. */
async function openBranch(config: object = {}) {
  const { url } = await openShadowServer()
  const project = await openProject({
    ...OLD,
    'tidemark.config.json': JSON.stringify({ shadow: url, ...config }),
    '.gitignore': '.tidemark\n',
  })
  git(project.folder, 'init', '--quiet')
  git(project.folder, 'add', '.')
  git(project.folder, 'commit', '--quiet', '-m', 'first')
  git(project.folder, 'switch', '--quiet', '-c', 'feature')
  await project.write(FILE, NEW)
  return { ...project, read: () => readFile(join(project.folder, FILE), 'utf8') }
}

function git(folder: string, ...args: readonly string[]): void {
  const settings = ['user.name=ada', 'user.email=ada@example.org', 'init.defaultBranch=main']
  execFileSync('git', [...settings.flatMap((one) => ['-c', one]), ...args], { cwd: folder, stdio: 'pipe' })
}

async function openDatabase(): Promise<string> {
  const database = await createTestDatabase()
  onTestFinished(() => database.drop())
  return database.url
}

test('check --fix writes a missing dependency into a new file, and shows what is left', async () => {
  const { run, read } = await openBranch({ environments: { production: { database: await openDatabase() } } })
  const { code, stdout, stderr } = await run(CHECK)
  expect({ code, stderr, text: stdout.replace(/PostgreSQL \S+/, 'PostgreSQL 18') }).toEqual({
    code: 0,
    stderr: '',
    text: `tidemark  1 migration checked (named) on PostgreSQL 18

closure        1 executed on the declared dependencies alone
✓ no finding

✓ ${FILE}  now depends on 002_mood; no longer depends on 001_users
`,
  })
  expect(await read()).toBe(FIXED)
})

test('where a database was not reached or knows the file, it prints a patch that git apply takes', async () => {
  const production = await openDatabase()
  const { run, read, folder, write } = await openBranch({
    environments: { production: { database: production } },
  })
  const unreachable = 'postgres://ada:hunter2hunter2@127.0.0.1:1/shop'
  const configure = (environments: object) => write('tidemark.config.json', JSON.stringify({ environments }))
  const fix = async () => {
    const { code, stdout } = await run([...CHECK, '--shadow', (await openShadowServer()).url])
    expect(code).toBe(7)
    expect(await read()).toBe(NEW)
    expect(stdout).not.toContain('hunter2')
    return stdout
  }
  await configure({ production: { database: production }, staging: { database: unreachable } })
  expect((await fix()).replace(/\s+/g, ' ')).toContain(
    `! ${FILE} not written, since the database of "staging" was not reached: `,
  )
  await configure({ production: { database: '$NO_SUCH_VARIABLE' } })
  expect((await fix()).replace(/\s+/g, ' ')).toContain('since the database of "production" was not reached: ')

  await configure({ production: { database: production } })
  expect((await run(['baseline', '--through', '003_moods', '--env', 'production', '--yes'])).code).toBe(0)
  const stdout = await fix()
  expect(stdout.replace(/\s+/g, ' ')).toContain(
    'since it is recorded in the database of "production": add 002_mood; remove 001_users',
  )
  execFileSync('git', ['apply'], { cwd: folder, input: stdout })
  expect(await read()).toBe(FIXED)
})

test('without git it prints a patch, and as JSON it says the same', async () => {
  const { url } = await openShadowServer()
  const { run, folder } = await openProject({ ...OLD, [FILE]: NEW })
  const { code, stdout } = await run([...CHECK, '--shadow', url, '--json'])
  expect(code).toBe(7)
  const { fix } = JSON.parse(stdout)
  expect(fix).toEqual({
    written: [],
    left: [
      {
        id: '003_moods',
        path: FILE,
        add: ['002_mood'],
        remove: ['001_users'],
        rewritten: [],
        why: 'this is no git repository, so it is not known which files are new',
      },
    ],
    patch: expect.stringContaining(`--- a/${FILE}\n`),
  })
  execFileSync('git', ['apply'], { cwd: folder, input: fix.patch })
  expect(await readFile(join(folder, FILE), 'utf8')).toBe(FIXED)
})

test('needless dependencies go only where all of them together can', async () => {
  const { run, write, folder } = await openBranch()
  const file = (dependsOn: string, up: string) =>
    `-- Depends on: [${dependsOn}]\n-- @up\n${up}\n-- @down\nSELECT 1;\n`
  // Each of the two brings 002, so that each is needless as long as the other is there.
  await write(FILE, file('002_mood', 'SELECT 1;'))
  await write('migrations/004_also.sql', file('002_mood', 'SELECT 2;'))
  await write('migrations/005_both.sql', file('003_moods, 004_also', 'CREATE TABLE moods (m mood);'))
  await write('migrations/006_free.sql', file('001_users, 002_mood', 'SELECT 3;'))
  const { stdout } = await run(['check', '005', '006', '--only', 'closure', '--fix'])
  const read = (name: string) => readFile(join(folder, 'migrations', name), 'utf8')
  expect(await read('005_both.sql')).toBe(file('003_moods, 004_also', 'CREATE TABLE moods (m mood);'))
  expect(stdout.replace(/\s+/g, ' ')).toContain(
    'migrations/005_both.sql not written, since with it, another migration fails: remove 003_moods, 004_also',
  )
})

const LINT = ['check', '--only', 'lint', '--fix'] as const
const INDEX = `-- Depends on: [001_users]\r
\r
-- @up\r
CREATE INDEX users_name ON users (name);  -- for the search\r
ALTER TABLE users ADD CONSTRAINT named CHECK (name <> '')\r
-- @down\r
ALTER TABLE users DROP CONSTRAINT named;\r
DROP INDEX users_name;\r
`
const SAFE_INDEX = `-- Depends on: [001_users]\r
-- Transaction: none\r
\r
-- @up\r
CREATE INDEX CONCURRENTLY users_name ON users (name);  -- for the search\r
ALTER TABLE users ADD CONSTRAINT named CHECK (name <> '') NOT VALID;\r
ALTER TABLE users VALIDATE CONSTRAINT named;\r
-- @down\r
ALTER TABLE users DROP CONSTRAINT named;\r
DROP INDEX users_name;\r
`

/** A branch whose table has a name, and one new file. */
async function openLinted(up: string) {
  const branch = await openBranch()
  await branch.write(
    'migrations/001_users.sql',
    '-- @up\nCREATE TABLE users (id int PRIMARY KEY, name text);\n',
  )
  git(branch.folder, 'add', 'migrations/001_users.sql')
  git(branch.folder, 'commit', '--quiet', '-m', 'name')
  git(branch.folder, 'branch', '--force', 'main', 'HEAD')
  await branch.write(FILE, up)
  return branch
}

test('statements are replaced by what locks for a moment only, where the schema is the same', async () => {
  const { run, read } = await openLinted(INDEX)
  const { code, stdout, stderr } = await run(LINT)
  expect({ code, stderr, text: stdout.replace(/PostgreSQL \S+/, 'PostgreSQL 18') }).toEqual({
    code: 0,
    stderr: '',
    text: `tidemark  1 migration checked (new or edited since main) on PostgreSQL 18

✓ no finding

✓ ${FILE}  the statements of lines 4, 5 are replaced, and the schema is the same
`,
  })
  expect(await read()).toBe(SAFE_INDEX)
  expect((await run(LINT)).stdout).toContain('nothing to fix')
})

test.each([
  [
    'its other statements need the transaction: move these into a file of their own',
    "INSERT INTO users VALUES (1, 'Ada');\nCREATE INDEX users_name ON users (name);",
  ],
  [
    'it would not end with the same schema: ',
    'ALTER TABLE users ADD CONSTRAINT one_name UNIQUE (name) DEFERRABLE;',
  ],
])('what cannot be replaced stays as it is: %s', async (why, sql) => {
  const { run, read } = await openLinted(`-- Depends on: [001_users]\n-- @up\n${sql}\n`)
  const { code, stdout } = await run([...LINT, '--json'])
  const { fix } = JSON.parse(stdout)
  expect({ code, fix }).toEqual({
    code: 7,
    fix: {
      written: [],
      left: [
        {
          id: '003_moods',
          path: FILE,
          add: [],
          remove: [],
          rewritten: [sql.split('\n').length + 2],
          why: expect.stringContaining(why),
        },
      ],
      patch: null,
    },
  })
  expect(await read()).toContain(sql)
})

test('a file that is on the default branch gets a patch, which was executed', async () => {
  const { run, read, folder } = await openLinted(INDEX)
  git(folder, 'add', '.')
  git(folder, 'commit', '--quiet', '-m', 'index')
  git(folder, 'branch', '--force', 'main', 'HEAD')
  const { code, stdout } = await run(['check', '003', '--only', 'lint', '--fix'])
  expect(code).toBe(7)
  expect(stdout.replace(/\s+/g, ' ')).toContain(
    `! ${FILE} not written, since it is on main already: replace the statements of lines 4, 5`,
  )
  execFileSync('git', ['apply'], { cwd: folder, input: stdout })
  expect(await read()).toBe(SAFE_INDEX)
})
