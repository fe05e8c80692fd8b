import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isRefused, TidemarkError } from '@tidemark/core'
import { createGate } from '@tidemark/gate/pg'
import { createMigrationRunner } from '@tidemark/pg-driver'
import { startServer } from '@tidemark/test-servers'
import { type ArenaDatabase, createDatabase } from '../arena.ts'
import type { Children } from '../bundle.ts'
import { inLanes } from '../lanes.ts'
import { pause } from '../pause.ts'
import { expectNothing, FaultError, type Scenario, type ScenarioContext } from '../scenario.ts'

type Database = Omit<ArenaDatabase, 'judge'>

/**
 * Goes up, down and across two versions of the files, cut off at random moments and with clocks that step.
 */
export const backScenario: Scenario = {
  name: 'back',
  about:
    'up, down, redo and switch over two versions of the files, killed or interrupted; everybody who is asked agrees',
  count: 500,
  async run(context) {
    const server = await startServer()
    const folders = await writeVersions()
    const tally = { rounds: 0, 'cut off': 0, 'partly rolled back': 0, 'clock steps': 0, databases: 0 }
    try {
      await inLanes(context, async (lane) => {
        const database = await createDatabase(server)
        tally.databases += 1
        for (let round = 0; round < lane.count && !lane.isOver(); round += 1) {
          const folder = lane.random.pick(folders)
          if (lane.random.chance(0.2)) {
            await stepClock(database, lane)
            tally['clock steps'] += 1
          }
          if (await disturb(database, folder, lane)) tally['cut off'] += 1
          tally.rounds += 1
          if (await settle(database, { folder, children: context.children })) tally['partly rolled back'] += 1
        }
        await database.drop()
      })
      return tally
    } finally {
      await server.remove()
      for (const folder of folders) await rm(folder, { recursive: true, force: true })
    }
  },
}

const file = (table: string, header = '', slow = 0.02) => `${header}-- @up
CREATE TABLE ${table} (id int);
SELECT pg_sleep(${slow});
CREATE INDEX ${table}_idx ON ${table} (id);
-- @down
SELECT pg_sleep(${slow});
DROP INDEX ${table}_idx;
SELECT pg_sleep(${slow});
DROP TABLE ${table};
`
const NONE = '-- Transaction: none\n'

/** The second version has one migration less and one more. */
async function writeVersions(): Promise<readonly [string, string]> {
  const shared = {
    '001_a': file('a'),
    '002_b': file('b', NONE),
    '003_c': file('c', `-- Depends on: [001_a]\n${NONE}`),
  }
  const versions = [
    { ...shared, '004_one': file('one', NONE) },
    { ...shared, '005_two': file('two', NONE), '006_last': file('last') },
  ]
  const [first = '', second = ''] = await Promise.all(
    versions.map(async (files) => {
      const folder = await mkdtemp(join(tmpdir(), 'tidemark-back-'))
      for (const [id, text] of Object.entries(files)) await writeFile(join(folder, `${id}.sql`), text)
      return folder
    }),
  )
  return [first, second]
}

/** Moves what clocks wrote, as machines that disagree do. */
async function stepClock(database: Database, { random }: ScenarioContext): Promise<void> {
  const step = `interval '${random.integer(-20, 20)} minutes'`
  const from = `'00${random.integer(1, 6)}'`
  await database
    .query(
      `UPDATE schema_migrations SET applied_at = applied_at + ${step} WHERE id >= ${from};
       UPDATE migration_history SET executed_at = executed_at + ${step} WHERE migration_id >= ${from}`,
    )
    .catch(() => undefined)
}

/** Runs one command and cuts it off, or lets it end. Returns whether it was cut off. */
async function disturb(
  database: Database,
  folder: string,
  { random, children }: ScenarioContext,
): Promise<boolean> {
  const command = random.pick([
    'up',
    'down --yes',
    'down --steps 2 --yes',
    'down --target 002_b --yes',
    'redo --yes',
    'switch --yes',
  ])
  const args = [...command.split(' '), '--dir', folder, '--database-url', database.url]
  const child = spawn(process.execPath, [children.commandLine, ...args], { cwd: tmpdir(), stdio: 'ignore' })
  const ended = once(child, 'close')
  await Promise.race([ended, pause(random.integer(200, 1200))])
  const isCut = child.exitCode === null
  child.kill(random.pick(['SIGKILL', 'SIGTERM']))
  await ended
  return isCut
}

/** What is asked: the files, and the command line. */
interface Place {
  readonly folder: string
  readonly children: Children
}

/**
 * Ends what was begun, and checks on the way that everybody says the same. Returns whether a rollback had not
 * finished.
 */
async function settle(database: Database, place: Place): Promise<boolean> {
  const runner = createMigrationRunner({ database: database.url, migrations: place.folder })
  const first = await applyAll(runner)
  await agree(database, place, first)
  if (first === 'applied') return false
  await runner.rollBack()
  const second = await applyAll(runner)
  if (second === 'refused') throw new FaultError('refused after the rollback had gone on', [])
  await agree(database, place, second)
  return true
}

async function applyAll(runner: ReturnType<typeof createMigrationRunner>): Promise<'applied' | 'refused'> {
  try {
    await runner.runMigrations()
    return 'applied'
  } catch (error) {
    if (error instanceof TidemarkError && error.code === 'TM4009') return 'refused'
    throw error
  }
}

/**
 * `up` said `outcome`: status, plan, wait, the gate and database_schema say it too, and `down` would begin
 * with what was applied last.
 */
async function agree(database: Database, place: Place, outcome: 'applied' | 'refused'): Promise<void> {
  const runner = createMigrationRunner({ database: database.url, migrations: place.folder })
  const status = await runner.status()
  const plan = await runner.createMigrationPlan()
  const half = [...status.states].filter(([, { kind }]) => kind === 'half_rolled_back')
  const isDue = half.some(([, state]) => state.kind === 'half_rolled_back' && state.migration !== null)
  const applied = [...status.states].flatMap(([id, { kind }]) => (APPLIED.has(kind) ? [id] : [])).sort()
  const isCurrent = outcome === 'applied'
  // An application does not need what its files do not have; a run of them is refused all the same.
  const isServing = isCurrent || (!isDue && status.pending.length === 0)
  const [gate, wait, recorded] = await Promise.all([
    askGate(database, place),
    askWait(database, place),
    readSummary(database),
  ])
  expectNothing(`up: ${outcome}`, [
    ...((half.length === 0) === isCurrent ? [] : [`status: ${half.length} partly rolled back`]),
    ...(status.pending.length === 0 || !isCurrent ? [] : [`status: pending ${status.pending.join()}`]),
    ...(isRefused(plan) === !isCurrent ? [] : ['plan: refused or not']),
    ...((gate === 200) === isServing ? [] : [`gate: ${gate}`]),
    ...(wait === (isCurrent ? EXIT.ok : EXIT.changed) ? [] : [`wait: exit ${wait}`]),
    ...(recorded === applied.join() ? [] : [`database_schema: ${recorded}, status: ${applied.join()}`]),
    ...(isCurrent ? await judgeDown(database, runner) : []),
  ])
}

async function askGate(database: Database, { folder }: Place): Promise<number> {
  const gate = createGate({ database: database.url, migrations: folder })
  const { status } = await gate.readyz()
  await gate.stop()
  return status
}

/** The exit codes of `wait`. */
const EXIT = { ok: 0, changed: 4 } as const

async function askWait(database: Database, { folder, children }: Place): Promise<number | null> {
  const args = ['wait', '--no-blocking', '--timeout', '1min', '--dir', folder, '--database-url', database.url]
  const child = spawn(process.execPath, [children.commandLine, ...args], { cwd: tmpdir(), stdio: 'ignore' })
  await once(child, 'close')
  return child.exitCode
}

async function readSummary(database: Database): Promise<string> {
  const [summary] = await database.query('SELECT applied_migrations FROM database_schema')
  const ids = summary?.['applied_migrations']
  return (Array.isArray(ids) ? ids : []).sort().join()
}

/** Whatever clocks say, the sequence decides which one is the last. */
async function judgeDown(
  database: Database,
  runner: ReturnType<typeof createMigrationRunner>,
): Promise<readonly string[]> {
  const { plan } = await runner.rollBack({ dryRun: true })
  const [last] = await database.query(`SELECT h.migration_id FROM migration_history h
    JOIN schema_migrations m ON m.id = h.migration_id AND m.status = 'completed'
    WHERE h.status = 'completed' AND h.direction = 'up' ORDER BY h.sequence DESC LIMIT 1`)
  const [chosen] = plan.steps
  return chosen?.id === last?.['migration_id'] && plan.steps.length === 1
    ? []
    : [`down: ${plan.steps.map(({ id }) => id).join()}, applied last: ${String(last?.['migration_id'])}`]
}

const APPLIED: ReadonlySet<string> = new Set(['applied', 'changed', 'older', 'orphaned'])
