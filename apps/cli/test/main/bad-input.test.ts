import { spawnSync } from 'node:child_process'
import { createServer } from 'node:net'
import { errorPage } from '@tidemark/core'
import { createTestDatabase, sharedServerUrl } from '@tidemark/test-servers'
import { beforeAll, describe, expect, test } from 'vitest'
import { buildWhenStale } from '../support/build-when-stale.ts'
import { openProject, SHOP } from '../support/project.ts'
import { ENTRY, plainEnvironment, withoutPages } from '../support/run-tidemark.ts'

beforeAll(buildWhenStale)

describe('files that are wrong refuse before anything is connected to', () => {
  // Nothing listens on port 1: a command that connects first would report that.
  const env = { TIDEMARK_DATABASE_URL: 'postgres://ada@127.0.0.1:1/shop' }

  test.each([
    [
      'no @up marker',
      { 'migrations/001_a.sql': 'CREATE TABLE a (id int);\n' },
      /^migrations\/001_a\.sql error TM1001: .*\nhelp: .*@up.*@down/,
    ],
    [
      'an id that is not the file name',
      { 'migrations/001_a.sql': '-- Migration: 002_a\n-- @up\nSELECT 1;\n' },
      /^migrations\/001_a\.sql:1:15 error TM1002: /,
    ],
    [
      'an unknown type',
      { 'migrations/001_a.sql': '-- Type: create_tabel\n-- @up\nSELECT 1;\n' },
      /^migrations\/001_a\.sql:1:10 error TM1006: (.*\n)*help: .*create_table/,
    ],
    [
      'an unknown dependency',
      {
        'migrations/001_user.sql': '-- @up\nSELECT 1;\n',
        'migrations/002_b.sql': '-- Depends on: [001_users]\n-- @up\nSELECT 1;\n',
      },
      /^migrations\/002_b\.sql:1:17 error TM2002: depends on "001_users", which does not exist\n(.*\n)*help: did you mean "001_user"\?/,
    ],
    [
      'a cycle',
      {
        'migrations/001_a.sql': '-- Depends on: [002_b]\n-- @up\nSELECT 1;\n',
        'migrations/002_b.sql': '-- Depends on: [001_a]\n-- @up\nSELECT 1;\n',
      },
      /error TM2003: .*001_a.*002_b/,
    ],
    [
      'a duplicate id',
      {
        'migrations/a/001_a.sql': '-- @up\nSELECT 1;\n',
        'migrations/b/001_a.sql': '-- @up\nSELECT 1;\n',
      },
      /^migrations\/b\/001_a\.sql.* error TM2001: /,
    ],
  ])('%s', async (_, files, expected) => {
    const { run } = await openProject(files)
    for (const command of [['up'], ['validate'], ['plan']]) {
      const { code, stdout, stderr } = await run(command, { env })
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
      expect(stderr).toMatch(expected)
      expect(stderr.match(/error TM/g)).toHaveLength(1)
    }
  })

  test('every problem of every file is reported at once, and counted', async () => {
    const { run } = await openProject({
      'migrations/001_a.sql': '-- Type: nonsense\n-- @up\nCOMMIT;\n',
      'migrations/002_b.sql': 'SELECT 1;\n',
    })
    const { code, stderr } = await run(['validate'])
    expect(code).toBe(2)
    expect(stderr.match(/error TM\d+/g)).toEqual(['error TM1006', 'error TM1018', 'error TM1001'])
    expect(stderr.trimEnd().split('\n').at(-1)).toBe('3 errors')
  })
})

describe('databases that are wrong', () => {
  test('none is named: exit 2, and how to name one', async () => {
    const { run } = await openProject(SHOP)
    for (const command of ['up', 'plan', 'status', 'down', 'history', 'migrate']) {
      expect(await run([command])).toEqual({
        code: 2,
        stdout: '',
        stderr: `error TM7001: no database is named
help: name one with \`--database-url\`, \`TIDEMARK_DATABASE_URL\`, \`DATABASE_URL\` or the key \`database\` of tidemark.config.json; \`pglite:.tidemark/db\` needs no server; \`tidemark init\` sets up a project
`,
      })
    }
  })

  test('a URL of another system', async () => {
    const { run } = await openProject(SHOP)
    expect(await run(['up', '--database-url', 'mysql://ada:hunter22@db/shop'])).toEqual({
      code: 2,
      stdout: '',
      stderr: `error TM7003: "--database-url" starts with "mysql:", which is not PostgreSQL
help: write \`postgres://…\`, \`pglite:PATH\` or \`pglite:memory\`
`,
    })
  })

  test('a server that is down', async () => {
    const { run } = await openProject(SHOP)
    const port = await freePort()
    expect(await run(['up', '--database-url', `postgres://ada:hunter22@127.0.0.1:${port}/shop`])).toEqual({
      code: 1,
      stdout: '',
      stderr: `error TM5001: cannot connect to ada@127.0.0.1:${port}/shop: connect ECONNREFUSED 127.0.0.1:${port}
help: no server is listening there: check that it is running, and the port
`,
    })
  })

  test('a missing database says how to create it, with the target, and --create-db creates it', async () => {
    const { run } = await openProject(SHOP)
    const missing = await createTestDatabase()
    await missing.drop()
    const target = ['--database-url', missing.url]
    const { code, stdout, stderr } = await run(['up', ...target])
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    const { host } = new URL(missing.url)
    expect(stderr).toMatch(new RegExp(`error TM5001: .*@${host}/${missing.name}.* does not exist`))
    expect(stderr).toMatch(/help: .*"tidemark up --create-db --database-url \S+:\*\*\*@\S+"/)
    expect((await run(['up', '--create-db', ...target])).stdout).toContain('✓ 3 migrations applied')
    expect((await run(['up', '--create-db', ...target])).code).toBe(0)
    await missing.drop()
  })

  test('a tracking table of another tool is refused with the way on, and left alone', async () => {
    const { run } = await openProject(SHOP)
    const database = await createTestDatabase()
    await database.query('CREATE TABLE schema_migrations (version varchar PRIMARY KEY)')
    for (const command of ['up', 'status', 'plan']) {
      const { code, stdout, stderr } = await run([command, '--database-url', database.url])
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
      expect(stderr).toMatch(/^error TM3001: (.*\n)*help: .*schema/)
    }
    const tables = await database.query(
      "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'",
    )
    expect(tables).toEqual([{ relname: 'schema_migrations' }])
    expect((await run(['up', '--database-url', database.url, '--schema', 'tidemark'])).code).toBe(0)
    await database.drop()
  })

  test('a wrong password is reported as one, and not repeated', async () => {
    const { run } = await openProject(SHOP)
    const url = new URL(sharedServerUrl())
    url.password = 'correct-horse'
    const { code, stdout, stderr } = await run(['status', '--database-url', url.href])
    expect(code).toBe(1)
    expect(stderr).toContain('error TM5001')
    expect(stdout + stderr).not.toContain('correct-horse')
  })
})

test('a file where a folder is needed is reported as one', async () => {
  const { run } = await openProject({ 'a-file': '' })
  expect(await run(['new', 'x', '--dir', 'a-file'])).toEqual({
    code: 2,
    stdout: '',
    stderr: `error TM7012: cannot use "a-file": EEXIST: file already exists
help: a folder is needed here, and this is a file: remove it, or name another path
`,
  })
})

test('an environment file that is missing ends every command, by Node itself where the flag names it', async () => {
  const { run, write, folder } = await openProject(SHOP)
  const missing = (shown: string) => ({
    code: 2,
    stdout: '',
    stderr: `error TM7007: the environment file "${shown}" cannot be read (ENOENT)
help: check \`--env-file\`, \`TIDEMARK_ENV_FILE\` or the key \`envFile\`
`,
  })
  expect(await run(['status'], { env: { TIDEMARK_ENV_FILE: 'gone.env' } })).toEqual(missing('gone.env'))
  const afterDashes = spawnSync(process.execPath, ['--', ENTRY, 'status', '--env-file', 'gone.env'], {
    cwd: folder,
    encoding: 'utf8',
    env: plainEnvironment(),
  })
  expect(afterDashes.status).toBe(2)
  expect(withoutPages(afterDashes.stderr)).toBe(missing('gone.env').stderr)
  const byFlag = await run(['status', '--env-file', 'gone.env'])
  if (byFlag.code === 2) expect(byFlag).toEqual(missing('gone.env'))
  else
    expect(byFlag).toEqual({ code: 9, stdout: '', stderr: expect.stringMatching(/: gone.env: not found\n$/) })
  await write('tidemark.config.json', '{ "envFile": "gone.env" }')
  expect(await run(['status'])).toEqual(missing('gone.env'))
})

describe('usage', () => {
  test.each([
    [['validat'], 'error TM7009: unknown command "validat"\nhelp: did you mean `tidemark validate`?\n'],
    [
      ['frobnicate'],
      'error TM7009: unknown command "frobnicate"\nhelp: see `tidemark help` for all commands\n',
    ],
    [
      ['help', 'exit-code'],
      'error TM7009: there is no command and no topic "exit-code"\nhelp: did you mean `tidemark help exit-codes`?\n',
    ],
    [['up', '--tarket', 'x'], 'error TM7008: unknown flag "--tarket"\nhelp: did you mean "--target"?\n'],
    [
      ['up', '--steps', 'two'],
      'error TM7008: --steps takes a whole number, not "two"\nhelp: see `tidemark help up`\n',
    ],
    [
      ['up', '--plan', 'a', '--target', 'b'],
      'error TM7008: --plan and --target exclude each other\nhelp: see `tidemark help up`\n',
    ],
    [
      ['graph', '--format', 'svg'],
      'error TM7008: --format is one of tree, mermaid, dot, json, html, not "svg"\nhelp: see `tidemark help graph`\n',
    ],
    [
      ['migrate', '--dry-run', '--execute'],
      'error TM7008: --dry-run and --execute exclude each other\nhelp: see `tidemark help migrate`\n',
    ],
    [['up', '--steps', '0'], 'error TM7008: --steps is at least 1, not 0\nhelp: see `tidemark help up`\n'],
    [
      ['down', '--steps', '99999999999999999999'],
      'error TM7008: --steps is at most 9007199254740991, not 99999999999999999999\nhelp: see `tidemark help down`\n',
    ],
    [
      ['history', '--limit', '99999999999999999999'],
      'error TM7008: --limit is at most 9007199254740991, not 99999999999999999999\nhelp: see `tidemark help history`\n',
    ],
    [['up', '--any-target'], 'error TM7008: --any-target needs --plan\nhelp: see `tidemark help up`\n'],
    [['up', '--dir'], 'error TM7008: --dir needs a value\nhelp: see `tidemark help up`\n'],
    [
      ['up', '--dir', 'a', '--dir', 'b'],
      'error TM7008: --dir is given twice\nhelp: see `tidemark help up`\n',
    ],
    [
      ['completion', 'tcsh'],
      'error TM7008: expected one of bash, zsh, fish, powershell, not "tcsh"\nhelp: see `tidemark help completion`\n',
    ],
    [
      ['--jsn'],
      'error TM7008: the command comes before the flags\nhelp: write `tidemark COMMAND --flag`; see `tidemark help`\n',
    ],
    [['show'], 'error TM7008: missing argument ID\nhelp: see `tidemark help show`\n'],
    [['mark', 'x'], 'error TM7008: --as is missing\nhelp: see `tidemark help mark`\n'],
    [['validate', 'x'], 'error TM7008: unexpected argument "x"\nhelp: see `tidemark help validate`\n'],
    [
      ['new', 'add', 'users'],
      'error TM7008: unexpected argument "users"\nhelp: put a name of several words in quotes, or write `_` between them\n',
    ],
    [
      ['down', '001'],
      'error TM7008: unexpected argument "001"\nhelp: name a migration with `tidemark down --target ID`\n',
    ],
    [
      ['--yes', 'up'],
      'error TM7008: the command comes before the flags\nhelp: write `tidemark COMMAND --flag`; see `tidemark help`\n',
    ],
  ])('%j exits 2 and suggests', async (args, stderr) => {
    const { run } = await openProject({})
    expect(await run(args)).toEqual({ code: 2, stdout: '', stderr })
  })

  test('with --json a usage error is one document on stdout, without the password that argv holds', async () => {
    const { run } = await openProject({})
    const url = 'postgres://ada:hunter22@db/shop'
    const { code, stdout, stderr } = await run(['status', '--json', '--databse-url', url, url], {
      env: { DEBUG: '*' },
    })
    expect(code).toBe(2)
    expect(JSON.parse(stdout)).toEqual({
      error: {
        code: 'TM7008',
        message: 'unknown flag "--databse-url"',
        help: 'did you mean "--database-url"?',
        page: errorPage('TM7008'),
        location: null,
        details: {},
      },
    })
    expect(stdout + stderr).not.toContain('hunter22')
  })

  test('what code of others writes passes the redactor as well', async () => {
    const config = 'console.error("called with", process.argv.join(" "))\nexport default {}\n'
    const { run } = await openProject({ 'tidemark.config.mjs': config })
    const args = ['validate', '--database-url', 'postgres://ada:hunter22@db/shop']
    const { stdout, stderr } = await run(args, { env: { DEBUG: '*' } })
    expect(stderr).toContain('called with')
    expect(stderr).toContain('postgres://ada:')
    expect(stdout + stderr).not.toContain('hunter22')
  })

  test('a folder that is not there, is a file, or is empty', async () => {
    const { run } = await openProject({ file: '', 'empty/.keep': '' })
    expect(await run(['validate', '--dir', 'nowhere'])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^error TM7020: the migrations folder "nowhere" does not exist\n/),
    })
    expect(await run(['validate', '--dir', 'file'])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^error TM7021: "file" is a file, not a folder of migrations\n/),
    })
    expect(await run(['validate', '--dir', 'empty'])).toEqual({
      code: 0,
      stdout: `warning TM7023: the migrations folder "empty" contains no .sql file
help: create the first migration: \`tidemark new NAME --dir empty\`

! 0 migrations, 1 warning
`,
      stderr: '',
    })
  })

  test.each([
    [
      ['init'],
      /^error TM7012: cannot use "migrations": EEXIST: file already exists\nhelp: a folder is needed here, and this is a file/,
    ],
    [
      ['validate', '--dir', 'sql', '--report', 'junit=migrations/report.xml'],
      /^error TM7012: cannot use "migrations": (EEXIST|ENOTDIR): .*\nhelp: a folder is needed here, and this is a file/,
    ],
  ])('what the disk refuses is no bug of ours: %j', async (args, stderr) => {
    const { run } = await openProject({ migrations: '', 'sql/001_a.sql': '-- @up\nSELECT 1;\n' })
    expect(await run(args)).toEqual({ code: 2, stdout: '', stderr: expect.stringMatching(stderr) })
  })

  test('a plan that is not there, or is none', async () => {
    const { run } = await openProject({ ...SHOP, 'plan.json': '{}' })
    const up = (plan: string) => run(['up', '--database-url', 'pglite:memory', '--plan', plan])
    expect(await up('gone.json')).toEqual({
      code: 2,
      stdout: '',
      stderr: `error TM7012: the plan "gone.json" cannot be read (ENOENT)
help: write one with \`tidemark plan --out FILE --database-url pglite:memory\`
`,
    })
    expect(await up('plan.json')).toMatchObject({
      code: 4,
      stdout: '',
      stderr: expect.stringContaining('TM4008'),
    })
  })

  test('a configuration that throws is reported without a stack, and with one under --verbose', async () => {
    const { run } = await openProject({ 'tidemark.config.mjs': "throw new Error('no DATABASE')\n" })
    const report = `error TM7004: "tidemark.config.mjs" cannot be loaded: no DATABASE
help: fix the file; \`--verbose\` shows the stack
`
    expect(await run(['validate'])).toEqual({ code: 2, stdout: '', stderr: report })
    const { stderr } = await run(['validate', '--verbose'])
    expect(stderr.startsWith(report)).toBe(true)
    expect(stderr).toContain('tidemark.config.mjs:1:7')
  })
})

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.on('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}

test('what is wrong in a configuration of one line is shown without the password beside it, whole or in part', async () => {
  const { run, write } = await openProject({})
  const config = `{ database: 'postgres://ada:s3kretpw@127.0.0.1:1/shop_of_ada', migratons: 'x', lockTimeout: 'soon', lockRetries: -1 }`
  await write('tidemark.config.mjs', `export default ${config}\n`)
  for (const args of [
    ['status'],
    ['status', '--json'],
    ['validate', '--report', 'github'],
    ['status', '--verbose'],
  ]) {
    const { code, stdout, stderr } = await run(args)
    expect(code).toBe(2)
    expect(stdout + stderr).toContain('lockTimeout')
    expect(stdout + stderr).not.toMatch(/s3k|ret|tpw/)
  }
})

test.each([
  ['a promise', 'export default new Promise(() => {})'],
  ['what a function gives', 'export default () => new Promise(() => {})'],
  ['the module itself', 'await new Promise(() => {})\nexport default {}'],
])(
  'a configuration that waits for a promise that never settles, as %s, ends no command as if all were well',
  async (_, text) => {
    const { run } = await openProject({ ...SHOP, 'tidemark.config.mjs': text })
    const report = '"tidemark.config.mjs" cannot be loaded: it waits for a promise that never settles'
    for (const command of ['validate', 'up', 'wait', 'status']) {
      expect(await run([command])).toMatchObject({
        code: 2,
        stdout: '',
        stderr: expect.stringContaining(report),
      })
    }
    const { code, stdout } = await run(['status', '--json'])
    expect([code, JSON.parse(stdout).error.code]).toEqual([2, 'TM7004'])
  },
)

test('a CommonJS configuration may be its own default, with settings and without', async () => {
  for (const settings of ['{}', "{ migrations: 'sql' }"]) {
    const { run } = await openProject({
      'tidemark.config.cjs': `module.exports = ${settings}\nmodule.exports.default = module.exports\n`,
      'sql/001_a.sql': '-- @up\nSELECT 1;\n',
      'migrations/001_a.sql': '-- @up\nSELECT 1;\n',
    })
    expect(await run(['validate'])).toMatchObject({ code: 0, stderr: '' })
  }
})
