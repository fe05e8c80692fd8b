import { readdirSync, readFileSync } from 'node:fs'
import { type Migration, ok, type RunEvent } from '@tidemark/core'
import { createMigrationRunner } from '@tidemark/pg-driver'
import { startServer } from '@tidemark/test-servers'
import pg from 'pg'
import { createMigrations, insertAndAlter, tableCreating } from './migration-sets.ts'

// Where a run spends its time, by CPU time of both sides: wall time says little on a machine that does other
// things.

const COUNT = Number(process.argv[2] ?? 1000)
const ROUNDS = Number(process.argv[3] ?? 4)

interface Moment {
  readonly server: number
  readonly client: number
  readonly wall: number
}

const server =
  process.env['BENCH_SERVER_URL'] === undefined ? await startServer({ storage: 'memory' }) : undefined
const urlOf = (database?: string) => {
  const given = process.env['BENCH_SERVER_URL']
  if (given === undefined) return server?.url(database) ?? ''
  const url = new URL(given)
  if (database !== undefined) url.pathname = `/${database}`
  return url.href
}
try {
  for (const set of [insertAndAlter, tableCreating]) {
    console.log(`${COUNT} migrations: ${set.name} (best of ${ROUNDS}, milliseconds of CPU)`)
    const migrations = createMigrations(COUNT, set.write)
    const best = new Map<string, { server: number; client: number; wall: number }>()
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const [phase, moment] of await measurePhases(migrations)) {
        const known = best.get(phase)
        best.set(phase, {
          server: Math.min(moment.server, known?.server ?? Number.POSITIVE_INFINITY),
          client: Math.min(moment.client, known?.client ?? Number.POSITIVE_INFINITY),
          wall: Math.min(moment.wall, known?.wall ?? Number.POSITIVE_INFINITY),
        })
      }
    }
    console.table(Object.fromEntries([...best].map(([phase, moment]) => [phase, rounded(moment)])))
  }
} finally {
  await server?.remove()
}

function rounded({ server, client, wall }: Moment) {
  return { server: Math.round(server), client: Math.round(client), wall: Math.round(wall) }
}

async function measurePhases(
  migrations: readonly Migration[],
): Promise<readonly (readonly [string, Moment])[]> {
  const admin = new pg.Client({ connectionString: urlOf() })
  await admin.connect()
  await admin.query('DROP DATABASE IF EXISTS phases WITH (FORCE)')
  await admin.query('CREATE DATABASE phases')
  await admin.query('CHECKPOINT')
  let pid = 0
  const now = (): Moment => {
    const { user, system } = process.cpuUsage()
    return {
      server: pid === 0 ? 0 : serverCpuMs(pid),
      client: (user + system) / 1000,
      wall: performance.now(),
    }
  }
  const phases: [string, Moment][] = []
  let last = now()
  const end = (phase: string) => {
    const at = now()
    phases.push([
      phase,
      { server: at.server - last.server, client: at.client - last.client, wall: at.wall - last.wall },
    ])
    last = at
  }
  const begun = last
  let finished = 0
  const onEvent = (event: RunEvent) => {
    if (event.kind === 'connected') {
      pid = findBackend('phases')
      end('connect')
    }
    if (event.kind === 'planned') end('prepare and plan')
    if (event.kind === 'step_finished' && ++finished === migrations.length) end('apply')
    if (event.kind === 'run_finished') end('check and finish')
  }
  await createMigrationRunner({
    database: urlOf('phases'),
    migrations: { readMigrations: async () => ok({ migrations, notes: [] }) },
  }).runMigrations({ onEvent })
  pid = 0
  const { client, wall } = now()
  phases.push(['all', { server: last.server, client: client - begun.client, wall: wall - begun.wall }])
  await admin.end()
  return phases
}

/** CPU time of a process so far, from Linux's scheduler. */
function serverCpuMs(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[0]) / 1e6
}

function findBackend(database: string): number {
  const found = readdirSync('/proc').filter((name) => {
    if (!/^\d+$/.test(name)) return false
    try {
      return readFileSync(`/proc/${name}/cmdline`, 'utf8').startsWith(`postgres: postgres ${database} `)
    } catch {
      return false
    }
  })
  return Number(found[0] ?? 0)
}
