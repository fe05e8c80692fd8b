import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startServer } from '@tidemark/test-servers'
import pg from 'pg'
import type { Contender } from './cli/contender.ts'
import { measureInTurns, runOnce } from './cli/measure.ts'
import { preparePeers } from './cli/peers.ts'
import { insertAndAlter } from './migration-sets.ts'
import { report } from './results.ts'

const COUNT = 1000
const ROUNDS = Number(process.argv[2] ?? 15)
/** What a start may cost beyond bare Node, in milliseconds; from Node 22 on Node keeps compiled code. */
const BUDGET_MS = Number(process.versions.node.split('.')[0]) < 22 ? 170 : 130
const TARGETED: ReadonlySet<string> = new Set(['tidemark status', 'tidemark up'])

const root = process.cwd()
execFileSync(process.execPath, ['scripts/build.js'], { cwd: join(root, 'apps/cli'), stdio: 'inherit' })
const folder = mkdtempSync(join(tmpdir(), 'tidemark-bench-cli-'))
const server = await startServer({ storage: 'memory' })
try {
  const statements = Array.from({ length: COUNT }, (_, index) => insertAndAlter.write(index))
  const names = ['tidemark', 'dbmate', 'node_pg_migrate', 'knex', 'drizzle_kit']
  await createDatabases(names)
  const own = prepareTidemark(join(folder, 'tidemark'), statements)
  const peers = preparePeers(folder, statements, (name) => withoutTls(server.url(name)))
  const ready = peers.flatMap((peer) => (peer.kind === 'ready' ? peer.contenders : []))
  const bare = contender('node -e 0', ['-e', '0'], folder)
  const rows = measureInTurns([bare, ...own, ...ready], ROUNDS)
  const reference = rows[0]
  console.log(`Whole processes, ${COUNT} migrations applied, ${ROUNDS} rounds in turns, milliseconds`)
  console.table(
    rows.map(({ name, best, median }) => ({
      command: name,
      best: Math.round(best),
      median: Math.round(median),
      'x node': Number((best / (reference?.best ?? best)).toFixed(1)),
    })),
  )
  if (reference !== undefined) {
    const limit = Math.round(reference.median + BUDGET_MS)
    console.log(`bare Node + ${BUDGET_MS} ms: ${limit}`)
    report(
      ...rows.map(({ name, median }) => ({
        work: 'start to end with 1,000 applied and nothing to do',
        tool: name,
        measured: `${Math.round(median)} ms`,
        ratio: `${(median / reference.median).toFixed(1)} × bare Node`,
        ...(TARGETED.has(name)
          ? { target: `≤ bare Node + ${BUDGET_MS} ms = ${limit} ms`, met: median <= limit }
          : {}),
      })),
    )
  }
  for (const peer of peers) {
    if (peer.kind === 'skipped') console.log(`${peer.skipped.name} skipped: ${peer.skipped.reason}`)
  }
} finally {
  await server.remove()
  rmSync(folder, { recursive: true, force: true })
}

function prepareTidemark(cwd: string, statements: readonly string[]): readonly Contender[] {
  mkdirSync(join(cwd, 'migrations'), { recursive: true })
  for (const [index, sql] of statements.entries()) {
    const id = `${String(index).padStart(5, '0')}_m`
    writeFileSync(join(cwd, 'migrations', `${id}.sql`), `-- @up\n${sql}\n`)
  }
  const entry = join(root, 'apps/cli/bin/run.js')
  const env = { TIDEMARK_DATABASE_URL: server.url('tidemark') }
  const tidemark = (...args: readonly string[]): Contender =>
    contender(`tidemark ${args.join(' ')}`, [entry, ...args], cwd, env)
  runOnce(tidemark('up'))
  return [tidemark('--version'), tidemark('validate'), tidemark('status'), tidemark('up')]
}

function contender(
  name: string,
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): Contender {
  return { name, command: process.execPath, args, cwd, env }
}

async function createDatabases(names: readonly string[]): Promise<void> {
  const client = new pg.Client({ connectionString: server.url() })
  await client.connect()
  for (const name of names) await client.query(`CREATE DATABASE ${name}`)
  await client.end()
}

/** Some peers ask for TLS unless told not to. */
function withoutTls(url: string): string {
  return `${url}${url.includes('?') ? '&' : '?'}sslmode=disable`
}
