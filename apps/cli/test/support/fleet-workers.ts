import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createTestDatabase, type TestDatabase } from '@tidemark/test-servers'
import { onTestFinished } from 'vitest'
import { type FleetWorkEventJson, FleetWorkEventSchema } from '../../src/schema/fleet-schemas.ts'
import { openProject, type Project } from './project.ts'
import { ENTRY, plainEnvironment } from './run-tidemark.ts'

/** A project whose fleet is schemas of one database, with a queue. */
export interface QueueProject {
  readonly project: Project
  readonly database: TestDatabase
  readonly queue: TestDatabase
}

/** Makes a project with a schema for each target. */
export async function openQueueProject(
  names: readonly string[],
  files: Readonly<Record<string, string>>,
  {
    fleet = {},
    targets = [],
  }: { readonly fleet?: Readonly<Record<string, unknown>>; readonly targets?: readonly object[] } = {},
): Promise<QueueProject> {
  const [database, queue] = [await createTestDatabase(), await createTestDatabase()]
  onTestFinished(async () => {
    await database.drop()
    await queue.drop()
  })
  await database.query(names.map((name) => `CREATE SCHEMA ${name}`).join(';'))
  const own = names.map((name) => ({ name, database: database.url, schema: name }))
  const settings = { targets: [...own, ...targets], queue: queue.url, ...fleet }
  const project = await openProject({ ...files, 'tidemark.config.json': JSON.stringify({ fleet: settings }) })
  return { project, database, queue }
}

/** A worker in a process of its own. */
export interface WorkerProcess {
  readonly events: readonly FleetWorkEventJson[]
  readonly stderr: () => string
  /** Ends it as a signal does; -9 by default. */
  end(signal?: NodeJS.Signals): Promise<number | null>
}

/** Starts `tidemark fleet work`, and waits until it takes jobs. */
export async function startWorkerProcess(
  { project }: QueueProject,
  args: readonly string[] = [],
): Promise<WorkerProcess> {
  const child: ChildProcess = spawn(process.execPath, [ENTRY, 'fleet', 'work', '--json-lines', ...args], {
    cwd: project.folder,
    env: plainEnvironment(),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const over = once(child, 'close')
  const events: FleetWorkEventJson[] = []
  let [rest, said] = ['', '']
  const ready = new Promise<void>((resolve, reject) => {
    child.stdout?.on('data', (chunk: Buffer) => {
      const lines = (rest + chunk.toString()).split('\n')
      rest = lines.pop() ?? ''
      events.push(...lines.map((line) => FleetWorkEventSchema.parse(JSON.parse(line))))
      if (events.some(({ event }) => event === 'ready')) resolve()
    })
    child.stderr?.on('data', (chunk: Buffer) => {
      said += chunk.toString()
    })
    over.then(() => reject(new Error(`the worker ended: ${said}`)), reject)
  })
  const end = async (signal: NodeJS.Signals = 'SIGKILL') => {
    child.kill(signal)
    await over
    return child.exitCode
  }
  onTestFinished(async () => {
    await end()
  })
  await ready
  return { events, stderr: () => said, end }
}

/** Kills workers with -9 during one rollout, and starts another in the place of each. */
export async function killDuringRollout(
  queued: QueueProject,
  { workers: size, kills }: { readonly workers: number; readonly kills: number },
) {
  const start = () => startWorkerProcess(queued, ['--concurrency', '4'])
  const workers = await Promise.all(Array.from({ length: size }, start))
  const rollout = queued.project.run(['fleet', 'up', '--json'])
  let killed = 0
  // Always one that has begun a target.
  while (killed < kills) {
    const busy = workers.findIndex(({ events }) => isBusy(events))
    if (busy === -1) {
      await new Promise((resolve) => setTimeout(resolve, 5))
      continue
    }
    await workers[busy]?.end()
    killed += 1
    workers[busy] = await start()
  }
  return { outcome: await rollout, killed }
}

function isBusy(events: readonly FleetWorkEventJson[]): boolean {
  const count = (kind: FleetWorkEventJson['event']) => events.filter(({ event }) => event === kind).length
  return count('target_started') > count('target_finished')
}
