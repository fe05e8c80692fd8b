import { execFileSync } from 'node:child_process'
import { readFile, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { buildWhenStale } from '../support/build-when-stale.ts'
import { openProject } from '../support/project.ts'
import { openShadowServer } from '../support/shadow-server.ts'

beforeAll(buildWhenStale)

const FILES = {
  'migrations/001_users.sql':
    '-- @up\nCREATE TABLE users (id int PRIMARY KEY, name text);\n-- @down\nDROP TABLE users;\n',
  'migrations/002_left.sql':
    '-- Depends on: [001_users]\n-- @up\nALTER TABLE users ADD COLUMN IF NOT EXISTS age int;\n-- @down\nALTER TABLE users DROP COLUMN age;\n',
}
const RIGHT = {
  'migrations/003_right.sql': `-- Depends on: [001_users]
-- @up
ALTER TABLE users ADD COLUMN IF NOT EXISTS age text;

-- @down
ALTER TABLE users DROP COLUMN ages;
`,
}

function git(folder: string, ...args: readonly string[]): void {
  const settings = [
    '-c',
    'user.name=ada',
    '-c',
    'user.email=ada@example.org',
    '-c',
    'init.defaultBranch=main',
  ]
  execFileSync('git', [...settings, ...args], { cwd: folder, stdio: 'pipe' })
}

test('check looks at what is new in the branch, and ends with 7 when something is wrong', async () => {
  const { run, write, folder } = await openProject(FILES)
  git(folder, 'init', '--quiet')
  git(folder, 'add', '.')
  git(folder, 'commit', '--quiet', '-m', 'first')
  git(folder, 'switch', '--quiet', '-c', 'feature')

  expect(await run(['check'])).toEqual({
    code: 0,
    stdout: '✓ nothing is new or edited since main; check everything with `tidemark check --all`\n',
    stderr: '',
  })

  await write('migrations/003_right.sql', RIGHT['migrations/003_right.sql'])
  const reports = ['junit=out/check.xml', 'sarif=out/check.sarif', 'markdown=out/check.md', 'github']
  const flags = reports.flatMap((report) => ['--report', report])
  const env = { COLUMNS: '60', GITHUB_WORKSPACE: join(folder, '..') }
  const { code, stdout, stderr } = await run(['check', ...flags], { env })
  expect(stdout.replace(/PostgreSQL [\d.]+/, 'PostgreSQL 18')).toBe(
    `tidemark  1 migration checked (new or edited since main) on
          PostgreSQL 18

migrations/003_right.sql error order-differs: the schema
depends on whether "002_left" or "003_right" runs first
    column public.users.age: type is "text" instead of
    "integer"
  help: add 002_left to \`Depends on\` of 003_right

migrations/003_right.sql:6 error down-fails: the @down of
"003_right" fails: column "ages" of relation "users" does
not exist
  6 | ALTER TABLE users DROP COLUMN ages;
    | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^

What statements do to tables that exist before them
  003_right
    line 3  ACCESS EXCLUSIVE on public.users (blocks reads
            and writes)

order          1 pair without an order, 1 executed both ways
closure        1 executed on the declared dependencies alone
reversibility  0 of 1 @down bring back schema and rows
✗ 2 errors
`,
  )
  expect(code).toBe(7)
  const place = `${basename(folder)}/migrations/003_right.sql`
  expect(stderr).toBe(
    `::error title=order-differs,file=${place}::the schema depends on whether "002_left" or "003_right" runs first%0Acolumn public.users.age: type is "text" instead of "integer"%0Ahelp: add 002_left to \`Depends on\` of 003_right
::error title=down-fails,file=${place},line=6::the @down of "003_right" fails: column "ages" of relation "users" does not exist
`,
  )
  const read = (name: string) => readFile(join(folder, 'out', name), 'utf8')
  expect(await read('check.md')).toMatch(
    new RegExp(`^<!-- tidemark check ${basename(folder)} -->\n### ✗ tidemark check: 2 errors\n`),
  )
  expect(JSON.parse(await read('check.sarif'))).toMatchObject({
    runs: [{ results: [{ ruleId: 'order-differs' }, { ruleId: 'down-fails' }] }],
  })
  expect(await read('check.xml')).toContain('tests="1" failures="1"')
})

test('a check that does not run says so in its reports, and a path that cannot be written does not hide it', async () => {
  const { run, folder, write } = await openProject({ 'migrations/001_a.sql': '-- @upp\nSELECT 1;\n' })
  await write('file', '')
  const reports = ['--report', 'markdown=check.md', '--report', 'junit=file/check.xml']
  const { code, stderr } = await run(['check', ...reports])
  expect(code).toBe(2)
  expect(stderr).toContain('warning TM7012: the report cannot be written: ')
  expect(stderr).toContain('error TM1010')
  const comment = await readFile(join(folder, 'check.md'), 'utf8')
  expect(comment).toContain('### ✗ tidemark check did not run\n')
  expect(comment).toContain('<code>TM1010</code>')

  expect(await run(['check', '--report', 'pdf=x'])).toEqual({
    code: 2,
    stdout: '',
    stderr: `error TM7008: "pdf=x" is not a valid report
help: write \`--report junit=FILE\`, \`--report sarif=FILE\`, \`--report markdown=FILE\`, \`--report html=FILE\` or \`--report github\`
`,
  })
})

test('as JSON, and by names', async () => {
  const { run } = await openProject({
    ...FILES,
    'migrations/003_timescale.sql': '-- Depends on: [001_users]\n-- @up\nCREATE EXTENSION timescaledb;\n',
  })
  const { code, stdout } = await run([
    'check',
    '002',
    '--only',
    'statements',
    '--only',
    'reversibility',
    '--json',
  ])
  expect(JSON.parse(stdout)).toMatchObject({
    result: 'proven',
    shadow: { engine: 'pglite' },
    checked: ['002_left'],
    parts: ['reversibility', 'statements'],
    findings: [],
    gaps: [],
    order: null,
    closure: null,
    reversibility: [
      {
        id: '002_left',
        verdict: 'exact',
        secondUp: 'same',
        rows: { verdict: 'kept', seeded: ['public.users'], unseeded: [], lost: [], failsOnAnyRow: false },
      },
    ],
    statements: [
      {
        id: '002_left',
        untraced: null,
        statements: [
          {
            line: 3,
            locks: [
              {
                relation: { schema: 'public', name: 'users', kind: 'table', new: false },
                mode: 'ACCESS EXCLUSIVE',
              },
            ],
            rewrites: [],
          },
        ],
      },
    ],
  })
  expect(code).toBe(0)

  const lacking = await run(['check', '003_timescale', '--only', 'runs'])
  expect(lacking.code).toBe(6)
  expect(lacking.stdout).toContain('? 003_timescale  not checked: needs the extension "timescaledb"')
})

test('what does not run is shown as up shows it, and unknown words are refused', async () => {
  const { run } = await openProject({ 'migrations/001_wrong.sql': '-- @up\nCREAT TABLE users (id int);\n' })
  const { code, stdout } = await run(['check', '--all', '--only', 'runs'])
  expect(code).toBe(7)
  expect(
    stdout.replace(/PostgreSQL [\d.]+/, 'PostgreSQL 18'),
  ).toBe(`tidemark  1 migration checked (all) on PostgreSQL 18

migrations/001_wrong.sql error does-not-run: "001_wrong" does not run
   migrations/001_wrong.sql:2:1  statement 1 of 1
     1 │ -- @up
   > 2 │ CREAT TABLE users (id int);
       │ ^^^^^
   ERROR 42601 syntax error at or near "CREAT"  (TM5004)

✗ 1 error
`)
  expect(await run(['check', '--since', 'no-such-revision'])).toMatchObject({ code: 2, stdout: '' })
  expect(await run(['check', '009'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('TM2007'),
  })
})

test('a second check of the same gives the result again without a shadow, and says so', async () => {
  const shadow = await openShadowServer()
  const { run, write, folder } = await openProject({
    ...FILES,
    'migrations/003_role.sql': `-- Variables: [app_role]\n-- Depends on: [002_left]\n-- @up\nSELECT :'app_role';\n-- @down\nSELECT 1;\n`,
  })
  const configure = (config: object) =>
    write('tidemark.config.json', JSON.stringify({ shadow: shadow.url, ...config }))
  const check = async (...flags: readonly string[]) => {
    const { code, stdout, stderr } = await run(['check', '--all', '--only', 'reversibility', ...flags])
    return { code, stderr, text: stdout.replace(/PostgreSQL \S+/, 'PostgreSQL 18') }
  }
  await configure({ variables: { app_role: 'web' } })
  const first = await check()
  expect(first).toEqual({
    code: 0,
    stderr: '',
    text: `tidemark  3 migrations checked (all) on PostgreSQL 18

reversibility  3 of 3 @down bring back schema and rows
✓ no finding
`,
  })
  await shadow.limitSessions(1)
  expect(await check()).toEqual({
    ...first,
    text: first.text.replace(
      '18\n',
      '18\nNothing has changed since the last check: this is its result. `--no-cache` checks again.\n',
    ),
  })
  const json = await run(['check', '--all', '--only', 'reversibility', '--json'])
  expect(JSON.parse(json.stdout)).toMatchObject({
    cached: true,
    result: 'proven',
    checked: ['001_users', '002_left', '003_role'],
  })
  expect((await check('--no-cache')).code).not.toBe(0)
  await shadow.limitSessions(-1)
  expect(await check('--no-cache')).toEqual(first)

  // Whatever changes, everything is executed again.
  await configure({ variables: { app_role: 'api' } })
  expect(await check()).toEqual(first)
  await configure({ variables: { app_role: 'api' }, schema: 'ops' })
  expect(await check()).toEqual(first)
  await write('migrations/002_left.sql', `${FILES['migrations/002_left.sql']}-- a comment\n`)
  expect(await check()).toEqual(first)
  expect((await check()).text).toContain('Nothing has changed')
  await rm(join(folder, '.tidemark'), { recursive: true })
  expect(await check()).toEqual(first)
})

test.each([
  ['the flag', { flags: true }],
  ['the variable', { variable: true }],
  ['the configuration', { config: true }],
])('the shadow runs on the server that %s names', async (_, where) => {
  const { url } = await openShadowServer()
  const { run } = await openProject({
    ...FILES,
    ...('config' in where && { 'tidemark.config.json': JSON.stringify({ shadow: url }) }),
  })
  const { code, stdout } = await run(
    ['check', '--all', '--only', 'runs', '--json', ...('flags' in where ? ['--shadow', url] : [])],
    'variable' in where ? { env: { TIDEMARK_SHADOW: url } } : {},
  )
  expect(JSON.parse(stdout)).toMatchObject({ result: 'proven', shadow: { engine: 'server' } })
  expect(code).toBe(0)
})

test('a shadow server that does not answer ends the check, without its password', async () => {
  const { run } = await openProject(FILES)
  const { code, stdout, stderr } = await run([
    'check',
    '--all',
    '--shadow',
    'postgres://ada:hunter2hunter2@127.0.0.1:1/postgres',
  ])
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
  expect(stderr).toContain('TM5001')
  expect(stderr).not.toContain('hunter2')
})
