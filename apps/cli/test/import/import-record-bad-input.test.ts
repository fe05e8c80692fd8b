import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { beforeAll, expect, test } from 'vitest'
import { buildWhenStale } from '../support/build-when-stale.ts'
import { openToolProject, readFolder } from '../support/tool-project.ts'

beforeAll(buildWhenStale)

const record = (how: string, ...more: readonly string[]): readonly string[] => [
  'import',
  ...['--record', `node tool.js ${how}`, '--out', 'tidemark', '--yes'],
  ...more,
]

const FILES = ['node_modules', 'package.json', 'tool.js']

test('without a terminal and --yes nothing is run', async () => {
  const project = await openToolProject('script')
  const { code, stderr } = await project.run(['import', '--record', 'node tool.js hang'])
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr:
      "error TM7010: running `node tool.js hang` needs a confirmation, and there is no terminal to ask on\nhelp: look at the plan, then run `tidemark import --record 'node tool.js hang' --yes`\n",
  })
})

test.each([
  [
    'silent',
    'error TM7045: `node tool.js silent` made no connection to the scratch database\nhelp: it may have used another database: look there. Let its configuration read DATABASE_URL, or PGHOST, PGPORT, PGUSER, PGPASSWORD and PGDATABASE\n',
  ],
  [
    'fail',
    'migration 2 failed\nerror TM7046: `node tool.js fail` failed: it ended with exit code 3\nhelp: its own message is above; nothing was written\n',
  ],
  [
    'empty',
    'error TM7047: `node tool.js empty` wrote to no known table of a migration tool\nhelp: run the command that applies all migrations; if they are applied already, it did not use the scratch database\n',
  ],
  [
    'own',
    'error TM7047: `node tool.js own` wrote to no known table of a migration tool\nhelp: name the table in which it lists what it applied: `--history TABLE`; it wrote to "deployments"\n',
  ],
])('a tool that is %s: an error that says what to do, and nothing is left', async (how, message) => {
  const project = await openToolProject('script')
  const { code, stdout, stderr } = await project.run(record(how))
  expect({ code, stdout, stderr }).toEqual({ code: 2, stdout: '', stderr: message })
  expect((await readdir(project.folder)).sort()).toEqual(FILES)
})

test('a tool that hangs is ended by Ctrl-C, with its process', async () => {
  const project = await openToolProject('script')
  const signalAt = { text: 'waiting for ever', signal: 'SIGINT' } as const
  const { code, stdout } = await project.run(record('hang'), { signalAt })
  expect({ code, stdout }).toEqual({ code: 130, stdout: '' })
  const pid = Number(await readFile(join(project.folder, 'pid'), 'utf8'))
  while (isThere(pid)) await setTimeout(20)
  expect((await readdir(project.folder)).sort()).toEqual(['node_modules', 'package.json', 'pid', 'tool.js'])
})

/** A process that has ended is there until its parent, which may be the system, has taken note. */
function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

test('connections of the environment are cleared, and name the scratch database', async () => {
  const project = await openToolProject('script')
  const env = {
    PGTZ: 'Europe/Berlin',
    PGHOST: 'production',
    DATABASE_URL: 'postgres://production/shop',
    REPLICA: 'postgresql://production/shop',
    OTHER: 'kept',
  }
  const { stderr } = await project.run(record('environment'), { env })
  expect(JSON.parse(stderr.split('\n')[0] ?? '')).toEqual([
    ['DATABASE_URL', 'postgres://postgres:…127.0.0.1:…/postgres?sslmode=disable'],
    ['PGHOST', '127.0.0.1'],
    ['PGUSER', 'postgres'],
    ['PGTZ', null],
    ['TIDEMARK_DATABASE_URL', null],
    ['REPLICA', null],
    ['OTHER', 'kept'],
  ])
})

test('--history names the table of a tool that is not known; a secret is reported, and written nowhere', async () => {
  const project = await openToolProject('script')
  const { code, stdout } = await project.run(record('secret', '--history', 'deployments'))
  expect({ code, stdout }).toEqual({
    code: 0,
    stdout: expect.stringContaining(
      "1 warning TM7031: a statement with a secret is left out: CREATE ROLE reader LOGIN PASSWORD '***'",
    ),
  })
  expect(stdout).toContain('✓ equal: on an empty database the 1 file make')
  const files = await readFolder(join(project.folder, 'tidemark'))
  expect(Object.keys(files)).toEqual(['1.sql'])
  expect(files['1.sql']).toContain(
    '-- Left out, since it has a secret: write it by hand.\nCREATE TABLE a ();\nGRANT SELECT ON a TO reader;\n',
  )
  expect(JSON.stringify([files, stdout])).not.toContain('hunter2')
})

test('files that would not make the schema that the tool left are not written, with exit code 7', async () => {
  const project = await openToolProject('script')
  const { code, stdout } = await project.run(record('late', '--history', 'deployments'))
  expect({ code, end: stdout.trimEnd().split('\n').slice(-3) }).toEqual({
    code: 7,
    end: [
      expect.stringMatching(/^✗ 1 difference from what the tool of "deployments" left/),
      '   table public.b is missing',
      'Nothing was written: the files would not make what the tool made.',
    ],
  })
  expect((await readdir(project.folder)).sort()).toEqual(FILES)
})

test('a recording takes no format, and reads no folder', async () => {
  const project = await openToolProject('script')
  const { code, stderr } = await project.run(['import', 'dbmate', '--record', 'x', '--yes'])
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr:
      'error TM7008: a recording has no format: "dbmate"\nhelp: leave it out: the command shows which tool it is\n',
  })
})
