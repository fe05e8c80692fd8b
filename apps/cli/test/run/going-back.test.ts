import { rename, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { buildWhenStale } from '../support/build-when-stale.ts'
import { openProject, type Project, SHOP } from '../support/project.ts'
import { hasScript, runOnTerminal } from '../support/run-on-terminal.ts'

beforeAll(buildWhenStale)

const table = (name: string, header = '') =>
  `${header}-- @up\nCREATE TABLE ${name} (id int);\n-- @down\nDROP TABLE ${name};\n`

interface Runs {
  readonly runs: readonly {
    readonly runId: string
    readonly kind: string
    readonly migrations: readonly string[]
    readonly inForce: readonly string[]
  }[]
}
const runsOf = async ({ run }: Project): Promise<Runs['runs']> =>
  JSON.parse((await run(['history', '--runs', '--json'])).stdout).runs

test('history --runs lists the ids that down --run takes, whole or begun, with what of each is in force', async () => {
  const project = await openProject(
    { 'migrations/001_a.sql': table('a'), 'migrations/002_b.sql': table('b') },
    'server',
  )
  const { run, write, server } = project
  await run(['up'])
  await write('migrations/003_c.sql', table('c'))
  await run(['up'])
  await run(['down', '--yes', '--reason', 'the third'])
  const [down, second, first] = await runsOf(project)
  expect([down, second, first]).toMatchObject([
    { kind: 'down', migrations: ['003_c'], inForce: [] },
    { kind: 'up', migrations: ['003_c'], inForce: [] },
    { kind: 'up', migrations: ['001_a', '002_b'], inForce: ['001_a', '002_b'] },
  ])
  const listed = (await run(['history', '--runs'])).stdout
  expect(listed).toMatch(
    / ✓ {2}[0-9a-f-]{36} {2}<moment> {2}down {2}1 migration: 003_c +\S+@\S+ {2}the third\n/,
  )
  expect(listed).toMatch(/ {2}up {4}1 migration: 003_c; nothing in force +\S+@\S+\n/)
  expect(listed).toMatch(/ {2}up {4}2 migrations: 001_a, 002_b; 2 in force +\S+@\S+\n?$/)
  for (const runId of [down?.runId, second?.runId]) {
    expect((await run(['down', '--run', runId ?? '', '--yes'])).stderr).toContain(
      `error TM6004: no applied migration belongs to the run "${runId}"\nhelp: list the runs with: tidemark history --runs`,
    )
  }
  expect((await run(['history', '--runs', '003_c', '--limit', '1'])).stdout).toContain('1 run\n')
  expect(
    (await run(['down', '--run', (first?.runId ?? '').slice(0, 10).toUpperCase(), '--yes'])).stdout,
  ).toContain('2 migrations rolled back')
  expect(await server?.query("SELECT FROM pg_class WHERE relname IN ('a', 'b', 'c')")).toEqual([])
})

test('down --run last after a failed up names the run before it, which history lists, and takes nothing', async () => {
  const project = await openProject(
    { 'migrations/001_a.sql': table('a'), 'migrations/002_b.sql': table('b') },
    'server',
  )
  const { run, write, server } = project
  await run(['up'])
  await write('migrations/003_c.sql', '-- @up\nSELECT 1 / 0;\n')
  expect((await run(['up'])).code).toBe(1)
  const [failed, first] = await runsOf(project)
  const refused = await run(['down', '--run', 'last', '--yes'])
  expect(refused).toMatchObject({ code: 2, stdout: '' })
  expect(refused.stderr).toContain(`error TM6010: the last run, ${failed?.runId} of `)
  expect(refused.stderr).toContain(`tidemark down --run ${first?.runId}`)
  expect(await server?.query("SELECT relname FROM pg_class WHERE relname IN ('a', 'b') ORDER BY 1")).toEqual([
    { relname: 'a' },
    { relname: 'b' },
  ])
  const shown = (await run(['down', '--run', first?.runId ?? '', '--dry-run'])).stdout
  expect(shown).toMatch(/001_a {2}applied <moment> by <user> in run <run>/)
})

test('restore last is what the last run that saved something saved, whatever runs came after', async () => {
  const project = await openProject(
    {
      'migrations/001_a.sql': table('a'),
      'migrations/002_b.sql': table('b'),
      'migrations/003_v.sql': '-- @up\nCREATE VIEW v AS SELECT 1;\n-- @down\nDROP VIEW v;\n',
    },
    'server',
  )
  const { run, server } = project
  expect((await run(['restore', 'last', '--yes'])).stderr).toBe(
    'error TM6008: no run has a backup\nhelp: list the runs with: tidemark history --runs\n',
  )
  await run(['up'])
  await server?.query('INSERT INTO a VALUES (1); INSERT INTO b VALUES (2), (3)')
  await run(['down', '--target', '001_a', '--backup', '--yes'])
  await run(['down', '--target', '002_b', '--backup', '--yes'])
  await run(['down', '--target', '003_v', '--backup', '--yes'])
  await run(['up', '--target', '003_v'])
  const [, , last] = await runsOf(project)
  expect(last).toMatchObject({ kind: 'down', migrations: ['002_b'] })
  expect((await run(['restore', 'last', '--dry-run'])).stdout).toContain('creates and fills public.b')
  expect(JSON.parse((await run(['restore', 'last', '--yes', '--json'])).stdout)).toMatchObject({
    runId: last?.runId,
    done: true,
    steps: [{ migrationId: '002_b', tables: ['public.b'], manner: 'create' }],
  })
  expect(await server?.query('SELECT id FROM b ORDER BY id')).toEqual([{ id: 2 }, { id: 3 }])
  expect(await server?.query("SELECT FROM pg_class WHERE relname = 'a'")).toEqual([])
})

test('files that are wrong do not stop a rollback from what is stored, and are needed with --from-files', async () => {
  const { run, write, folder } = await openProject(SHOP, 'server')
  await run(['up'])
  await write('migrations/004_broken.sql', '-- Depends on: [nobody]\n-- @up\nSELECT 1;\n')
  await write('migrations/005_broken.sql', 'no section\n')
  const note = 'the files were not read: '
  expect((await run(['down', '--from-files', '--yes'])).code).toBe(2)
  const down = await run(['down', '--yes'])
  expect(down).toMatchObject({ code: 0, stdout: expect.stringContaining('1 migration rolled back') })
  expect(down.stderr).toContain(note)
  expect(down.stderr).toContain('migrations/005_broken.sql')
  await unlink(join(folder, 'migrations/005_broken.sql'))
  const dry = await run(['down', '--dry-run', '--json'])
  expect(JSON.parse(dry.stdout).findings).toMatchObject([
    { code: 'TM2002', severity: 'note', message: expect.stringContaining(note) },
  ])
  expect((await run(['down', '--run', 'last', '--yes'])).code).toBe(0)
  expect((await run(['up'])).code).toBe(2)
})

test('history, restore and completion need no files', async () => {
  const { run, folder, write, server } = await openProject(SHOP, 'server')
  await run(['up'])
  await server?.query('INSERT INTO users VALUES (1)')
  await rename(join(folder, 'migrations'), join(folder, 'elsewhere'))
  const check = async () => {
    for (const args of [
      ['history', '--runs'],
      ['history', '001_users', '--json'],
      ['completion', 'bash'],
      ['completion', 'zsh', '--json'],
      ['restore', 'last', '--dry-run'],
    ])
      expect({ args, ...(await run(args)) }).toMatchObject({ args, code: 0, stderr: '' })
  }
  expect((await run(['down', '--all', '--backup', '--yes'])).code).toBe(0)
  await check()
  await write('migrations/001_users.sql', 'no section\n')
  await check()
  expect((await run(['restore', 'last', '--yes'])).code).toBe(0)
  expect(await server?.query('SELECT id FROM users')).toEqual([{ id: 1 }])
})

test('a baseline is crossed by name alone, and a dry run shows what would be asked for', async () => {
  const project = await openProject({ 'migrations/001_old.sql': table('old') }, 'server')
  const { run, server } = project
  await server?.query('CREATE TABLE old (id int)')
  await run(['baseline', '--through', '001_old', '--yes'])
  for (const args of [
    ['down'],
    ['down', '--all'],
    ['down', '--to', '001_old'],
    ['down', '--run', 'last'],
    ['redo'],
    ['reset'],
    ['switch'],
  ]) {
    await run([...args, '--yes'])
    expect(await server?.query("SELECT relname FROM pg_class WHERE relname = 'old'")).toHaveLength(1)
  }
  const bare = await run(['down', '--beyond-baseline', '--yes'])
  expect(bare).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('help: name each of them: --beyond-baseline 001_old'),
  })
  expect((await run(['down', '--beyond-baseline', '--dry-run'])).stdout).toContain('DROP TABLE old;')
  expect((await run(['down', '--beyond-baseline', '001', '--yes'])).code).toBe(0)
  expect(await server?.query("SELECT FROM pg_class WHERE relname = 'old'")).toEqual([])
})

test.skipIf(!hasScript)(
  'on a terminal the names of a baseline are typed, and only all of them are taken',
  async () => {
    const project = await openProject(
      { 'migrations/001_old.sql': table('old'), 'migrations/002_older.sql': table('older') },
      'server',
    )
    const { run, server, database } = project
    await server?.query('CREATE TABLE old (id int); CREATE TABLE older (id int)')
    await run(['baseline', '--through', '001_old', '--through', '002_older', '--yes'])
    const left = () => server?.query("SELECT relname FROM pg_class WHERE relname IN ('old', 'older')")
    const down = (...answers: readonly string[]) =>
      runOnTerminal(
        project,
        ['down', '--all', '--beyond-baseline'],
        [
          { question: 'Type these names to roll them back:', answer: answers[0] ?? '' },
          { question: 'Roll back? [y/N]', answer: answers[1] ?? '' },
        ],
        { TIDEMARK_DATABASE_URL: database },
      )
    for (const typed of ['', 'yes', '002_older', '001_old, 002_older, 003']) {
      const { code, screen } = await down(typed)
      expect({ typed, code }).toEqual({ typed, code: 2 })
      expect(screen).toContain('perhaps older than Tidemark: 002_older, 001_old.')
      expect(screen).toContain('error TM7010: not confirmed\nhelp: nothing was changed')
    }
    expect((await down('001_old 002_older', 'n')).code).toBe(2)
    expect(await left()).toHaveLength(2)
    const { code, screen } = await down('002_older, 001_old', 'yes')
    expect([code, screen]).toEqual([0, expect.stringMatching(/✓ 2 migrations rolled back in/)])
    expect(await left()).toEqual([])
  },
)
