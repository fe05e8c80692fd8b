import { execFile, execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { countOutcomes, createFleet, type FleetTarget } from '@tidemark/fleet'
import { startServer, type TestServer } from '@tidemark/test-servers'
import pg from 'pg'
import { report } from './results.ts'

/** `pnpm bench fleet [schemas] [databases] [processes that are measured for the comparison]` */
const SCHEMAS = Number(process.argv[2] ?? 2000)
const DATABASES = Number(process.argv[3] ?? 200)
const PROCESSES = Number(process.argv[4] ?? 60)
const POOL = 4

const execute = promisify(execFile)
const cli = fileURLToPath(new URL('../../../apps/cli/bin/run.js', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'tidemark-bench-fleet-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
const migrations = join(folder, 'migrations')

function writeMigration(number: number, sql: string): void {
  const id = `${String(number).padStart(3, '0')}_step`
  execFileSync('mkdir', ['-p', migrations])
  writeFileSync(join(migrations, `${id}.sql`), `-- Migration: ${id}\n-- Type: custom_sql\n\n-- @up\n${sql}\n`)
}

const server = await startServer({ storage: 'memory' })
try {
  writeMigration(1, 'CREATE TABLE items (id int PRIMARY KEY);')
  const schemas = await makeSchemas(server, SCHEMAS)
  await raceSchemas(schemas)
  rmSync(migrations, { recursive: true })
  writeMigration(1, 'CREATE TABLE items (id int PRIMARY KEY);')
  const databases = await makeDatabases(server, DATABASES)
  await measure(databases, `${DATABASES} databases on one server`)
} finally {
  await server.remove()
}

/** One migration of one statement everywhere, and then the state of all. */
async function measure(targets: readonly FleetTarget[], work: string): Promise<number> {
  const fleet = createFleet({ migrations, targets, perServer: POOL })
  await run('first migration, with tracking tables', () => fleet.up())
  writeMigration(2, 'ALTER TABLE items ADD COLUMN label text;')
  const upMs = await run('one migration of one statement', async () => {
    const { outcomes } = await fleet.up()
    if (countOutcomes(outcomes).done !== targets.length) throw new Error('not all targets are done')
  })
  const statusMs = await run('status, all current', () => fleet.status())
  const memory = Math.round(process.resourceUsage().maxRSS / 1024)
  console.log(`${work}: at most ${memory} MB of memory`)
  const limitMs = (3000 * targets.length) / 2000
  report({
    work: `${work}: one migration of one statement`,
    tool: 'tidemark fleet up',
    measured: `${upMs} ms`,
  })
  report({
    work: `${work}: fleet status`,
    tool: 'tidemark fleet status',
    measured: `${statusMs} ms`,
    target: `≤ ${limitMs} ms`,
    met: statusMs <= limitMs,
  })
  report({
    work: `${work}: memory`,
    tool: 'tidemark fleet up',
    measured: `${memory} MB`,
    target: '≤ 300 MB',
    met: memory <= 300,
  })
  return upMs
  async function run(what: string, act: () => Promise<unknown>): Promise<number> {
    const startedAt = performance.now()
    await act()
    const ms = Math.round(performance.now() - startedAt)
    console.log(`${work}: ${what}: ${ms} ms, ${(ms / targets.length).toFixed(2)} ms each`)
    return ms
  }
}

async function raceSchemas(targets: readonly FleetTarget[]): Promise<void> {
  const work = `${targets.length} schemas of one database`
  const upMs = await measure(targets, work)
  const psqlMs = measurePsql(targets)
  if (psqlMs !== undefined) compare(work, 'psql, one file', { upMs, otherMs: psqlMs, most: 1.5 })
  writeMigration(3, 'ALTER TABLE items ADD COLUMN note text;')
  const eachMs = (await measureProcesses(targets.slice(0, PROCESSES))) / PROCESSES
  const processesMs = Math.round(eachMs * targets.length)
  compare(work, `${targets.length} processes (${PROCESSES} measured)`, {
    upMs,
    otherMs: processesMs,
    most: 0.2,
  })
}

function compare(
  work: string,
  tool: string,
  { upMs, otherMs, most }: { readonly upMs: number; readonly otherMs: number; readonly most: number },
): void {
  const ratio = Number((upMs / otherMs).toFixed(2))
  console.log(`${work}: ${tool}: ${otherMs} ms; tidemark fleet up is ${ratio} ×, target ${most} ×`)
  report({
    work: `${work}: one migration of one statement`,
    tool,
    measured: `${otherMs} ms`,
    ratio: `fleet up is ${ratio} ×`,
    target: `≤ ${most} ×`,
    met: ratio <= most,
  })
}

/** The same transactions, prepared as one file: each with a record of its own. */
function measurePsql(targets: readonly FleetTarget[]): number | undefined {
  if (spawnSync('psql', ['--version']).status !== 0) return undefined
  const path = join(folder, 'all.sql')
  const parts = targets.map(
    ({ schema }) =>
      `BEGIN;\nSET LOCAL search_path = ${schema}, public;\nALTER TABLE items ADD COLUMN extra text;\nINSERT INTO public.psql_tracking VALUES ('${schema}');\nCOMMIT;\n`,
  )
  writeFileSync(
    path,
    `CREATE TABLE public.psql_tracking (id text PRIMARY KEY, at timestamptz DEFAULT now());\n${parts.join('')}`,
  )
  const startedAt = performance.now()
  execFileSync('psql', ['-X', '-q', '-v', 'ON_ERROR_STOP=1', '-f', path, targets[0]?.database ?? ''])
  return Math.round(performance.now() - startedAt)
}

/** `tidemark up`, one process a schema, as many at a time as the fleet has connections. */
async function measureProcesses(targets: readonly FleetTarget[]): Promise<number> {
  const waiting = [...targets]
  const work = async (): Promise<void> => {
    for (let one = waiting.pop(); one !== undefined; one = waiting.pop()) {
      const url = new URL(one.database)
      url.searchParams.set('search_path', `${one.schema}, public`)
      const args = ['up', '--dir', migrations, '--schema', one.schema ?? '', '--database-url', url.href]
      await execute(process.execPath, [cli, ...args], { cwd: folder })
    }
  }
  const startedAt = performance.now()
  await Promise.all(Array.from({ length: POOL }, work))
  return performance.now() - startedAt
}

async function makeSchemas(on: TestServer, count: number): Promise<readonly FleetTarget[]> {
  const client = new pg.Client({ connectionString: on.url() })
  await client.connect()
  const names = Array.from({ length: count }, (_, place) => `tenant_${place}`)
  for (const name of names) await client.query(`CREATE SCHEMA ${name}`)
  await client.end()
  return names.map((name) => ({ name, database: on.url(), schema: name }))
}

async function makeDatabases(on: TestServer, count: number): Promise<readonly FleetTarget[]> {
  const client = new pg.Client({ connectionString: on.url() })
  await client.connect()
  const names = Array.from({ length: count }, (_, place) => `tenant_${place}`)
  for (const name of names) await client.query(`CREATE DATABASE ${name}`)
  await client.end()
  return names.map((name) => ({ name, database: on.url(name) }))
}
