import { spawn } from 'node:child_process'
import { unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { createGate } from '@tidemark/gate/pg'
import { beforeAll, expect, test } from 'vitest'
import { buildWhenStale } from '../support/build-when-stale.ts'
import { openProject, type Project } from '../support/project.ts'
import { ENTRY, plainEnvironment } from '../support/run-tidemark.ts'

beforeAll(buildWhenStale)

const SLOW = 'SELECT pg_sleep(600);'
const fileWith = (down: string, header = '') => `-- Transaction: none
${header}-- @up
CREATE TABLE a (id int);
-- @down
${down}
DROP TABLE a;
`

/** What everybody who can be asked says of the database. */
async function ask({ run, server, folder }: Project) {
  const gate = createGate({ database: server?.url ?? '', migrations: join(folder, 'migrations') })
  const { status } = await gate.readyz()
  await gate.stop()
  const codes = []
  for (const args of [['status'], ['wait', '--timeout', '1ms'], ['plan'], ['up']]) {
    const { code, stdout, stderr } = await run(args)
    expect(stdout).not.toContain('nothing pending')
    expect(stderr).toContain('TM4009: "001_a" is partly rolled back')
    codes.push(code)
  }
  const [summary] = (await server?.query('SELECT applied_migrations FROM database_schema')) ?? []
  return { gate: status, codes, summary }
}

const NOT_FINISHED = { gate: 503, codes: [4, 4, 4, 4], summary: { applied_migrations: ['002_b'] } }

/** Replaces the stored text, as a fixed `@down` would be: the server no longer sleeps. */
const wake = ({ server }: Project) =>
  server?.query(`UPDATE schema_migrations SET down_sql = replace(down_sql, '${SLOW}', 'SELECT 1;')`)

async function expectFinished(project: Project): Promise<void> {
  const { run, server } = project
  expect(await run(['down', '--yes'])).toMatchObject({ code: 0, stdout: expect.stringContaining('001_a') })
  expect((await run(['status'])).code).toBe(3)
  expect((await run(['up'])).stdout).toContain('1 migration applied')
  expect((await run(['status'])).code).toBe(0)
  expect(await server?.query('SELECT applied_migrations FROM database_schema')).toEqual([
    { applied_migrations: ['002_b', '001_a'] },
  ])
}

test.each(['SIGKILL', 'SIGTERM'] as const)(
  'after %s in the first statement of a down without a transaction, everybody says that it is not finished',
  async (signal) => {
    const project = await openProject(
      {
        'migrations/001_a.sql': fileWith(SLOW),
        'migrations/002_b.sql': '-- @up\nSELECT 1;\n-- @down\nSELECT 1;\n',
      },
      'server',
    )
    const { run, server, folder } = project
    await run(['up'])
    const child = spawn(process.execPath, [ENTRY, 'down', '--target', '001_a', '--yes'], {
      cwd: folder,
      env: { ...plainEnvironment(), TIDEMARK_DATABASE_URL: server?.url ?? '' },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let shown = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (part) => (shown += part))
    const ended = new Promise((resolve) => child.on('close', resolve))
    const sleeping = () =>
      server?.query(
        "SELECT FROM pg_stat_activity WHERE query LIKE '%pg_sleep(600)%' AND pid <> pg_backend_pid() AND datname = current_database()",
      )
    while ((await sleeping())?.length === 0) await new Promise((resolve) => setTimeout(resolve, 20))
    child.kill(signal)
    await ended
    while ((await sleeping())?.length !== 0) await new Promise((resolve) => setTimeout(resolve, 20))
    if (signal === 'SIGTERM') {
      expect(shown).toContain(
        'help: it continues from the records in the database: run "tidemark down" again',
      )
    } else {
      // A run that ended without a word is noticed by the next one that writes.
      await run(['up'])
    }
    expect(await ask(project)).toEqual(NOT_FINISHED)
    await wake(project)
    await expectFinished(project)
  },
)

test('after a statement timeout in the first statement, everybody says that the down is not finished', async () => {
  const project = await openProject(
    {
      'migrations/001_a.sql': fileWith(SLOW, '-- Statement timeout: 100ms\n'),
      'migrations/002_b.sql': '-- @up\nSELECT 1;\n-- @down\nSELECT 1;\n',
    },
    'server',
  )
  await project.run(['up'])
  const { code, stdout, stderr } = await project.run(['down', '--target', '001_a', '--yes'])
  expect({ code, output: stdout + stderr }).toEqual({
    code: 1,
    output: expect.stringContaining('help: the rollback is not finished: run "tidemark down" again; '),
  })
  expect(await ask(project)).toEqual(NOT_FINISHED)
  await wake(project)
  await expectFinished(project)
})

test('a down that was cut off is not over because its file is gone: up, status and wait name the way on', async () => {
  const project = await openProject(
    {
      'migrations/001_a.sql': fileWith('SELECT 1;\nSELECT 1 / 0;'),
      'migrations/002_b.sql': '-- @up\nSELECT 1;\n-- @down\nSELECT 1;\n',
    },
    'server',
  )
  const { run, write } = project
  await run(['up'])
  expect((await run(['down', '--target', '001_a', '--yes'])).code).toBe(1)
  await write('migrations/003_renamed.sql', fileWith('SELECT 1;\nSELECT 1 / 0;'))
  await unlink(join(project.folder, 'migrations/001_a.sql'))
  const refused = {
    code: 4,
    stdout: '',
    stderr: `error TM4009: "001_a" is partly rolled back: 1 statement of its @down is done
help: finish the rollback first: tidemark down --target 001_a
`,
  }
  expect(await run(['up'])).toEqual(refused)
  expect((await run(['status'])).stdout).toContain(' ✗  001_a        partly rolled back')
  expect((await run(['wait', '--timeout', '1ms'])).code).toBe(4)
  // What requires only the others keeps serving: the database is ahead of it.
  const gate = createGate({
    database: project.server?.url ?? '',
    migrations: join(project.folder, 'migrations'),
  })
  const ready = await gate.readyz()
  const status = gate.status()
  await gate.stop()
  expect({ ready: ready.status, status }).toMatchObject({
    ready: 503,
    status: { kind: 'behind', pending: ['003_renamed'], ahead: ['001_a'] },
  })
  // Nothing of it is adopted under the file's new name, and its @verify is not asked for.
  expect((await run(['repair', '003_renamed', '--adopt', '--yes'])).code).toBe(2)
  expect((await run(['verify', '001_a'])).stderr).toContain('TM6003: "001_a" is not applied')
})
