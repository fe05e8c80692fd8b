import { execFileSync } from 'node:child_process'
import { beforeAll, expect, test } from 'vitest'
import { buildWhenStale } from '../support/build-when-stale.ts'
import { openProject } from '../support/project.ts'

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
  const { code, stdout } = await run(['check'])
  expect(stdout.replace(/PostgreSQL [\d.]+/, 'PostgreSQL 18')).toBe(
    `tidemark  1 migration checked (new or edited since main) on PostgreSQL 18

error the schema depends on whether "002_left" or "003_right" runs first  [order-differs]
  migrations/003_right.sql
  - column public.users.age: type is "text" instead of "integer"
  help: add 002_left to \`Depends on\` of 003_right

error the @down of "003_right" fails: column "ages" of relation "users" does not exist  [down-fails]
  migrations/003_right.sql:6

What statements do to tables that are there already
  003_right  line 3: ACCESS EXCLUSIVE on public.users

1 pair without an order, 1 tried both ways; 1 run on what they depend on alone; 0 of 1 exact after @down
✗ 2 errors
`,
  )
  expect(code).toBe(7)
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
    reversibility: [{ id: '002_left', verdict: 'exact', secondUp: 'same' }],
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
  expect(lacking.stdout).toContain('? 003_timescale was not checked: needs the extension "timescaledb"')
})

test('what does not run is shown as up shows it, and unknown words are refused', async () => {
  const { run } = await openProject({ 'migrations/001_wrong.sql': '-- @up\nCREAT TABLE users (id int);\n' })
  const { code, stdout } = await run(['check', '--all', '--only', 'runs'])
  expect(code).toBe(7)
  expect(stdout).toContain('syntax error at or near "CREAT"')
  expect(stdout).toContain('migrations/001_wrong.sql:2:1')
  expect(await run(['check', '--since', 'no-such-revision'])).toMatchObject({ code: 2, stdout: '' })
  expect(await run(['check', '009'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('TM2007'),
  })
})
