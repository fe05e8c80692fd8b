import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createDirectoryReader } from '@tidemark/core/node'
import { createMigrationRunner } from '@tidemark/pg-driver'
import { createTestDatabase, startServer } from '@tidemark/test-servers'
import { report } from './results.ts'

const ROUNDS = Number(process.argv[2] ?? 5)
/** How many migrations the target has, each with four tables and what belongs to them. */
const APPLIED = 125
const PENDING = 10
const TARGET_MS = 3000

const server = await startServer()
process.env['TIDEMARK_TEST_URL'] = server.url()
await measureRehearsal()
await server.remove()
process.exit(0)

/**
 * Measures a rehearsal of ten statements against a target of 2,000 objects: 500 tables, their keys, an index and a
 * view each. Whole processes, on PGlite, as `tidemark rehearse` runs them.
 */
async function measureRehearsal(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-rehearse-'))
  const database = await createTestDatabase()
  for (let index = 0; index < APPLIED; index += 1) writeApplied(folder, index)
  const runner = createMigrationRunner({
    database: database.url,
    migrations: createDirectoryReader({ directory: folder }),
  })
  await runner.runMigrations()
  for (let index = 0; index < PENDING; index += 1) {
    writeFileSync(
      join(folder, `${1000 + index}_pending.sql`),
      `-- @up\nALTER TABLE t${index * 7} ALTER COLUMN amount TYPE numeric;\n`,
    )
  }
  const cache = join(folder, 'cache')
  const first = runOnce(folder, cache, database.url)
  const all = Array.from({ length: ROUNDS }, () => runOnce(folder, cache, database.url))
  if (all.some(({ statements, problems }) => statements !== PENDING || problems !== 0))
    throw new Error('the rehearsal is not whole')
  all.sort((a, b) => a.wallMs - b.wallMs)
  const { wallMs: median, cpuMs } = all[Math.floor((ROUNDS - 1) / 2)] ?? first
  const memory = Math.max(...all.map(({ maxRssMb }) => maxRssMb))
  console.log(`\nA rehearsal of ${PENDING} statements against 2,000 objects, on PGlite: whole processes`)
  console.table([
    {
      rounds: ROUNDS,
      'first time, s': (first.wallMs / 1000).toFixed(2),
      'median, s': (median / 1000).toFixed(2),
      'CPU, s': (cpuMs / 1000).toFixed(2),
      'memory, MB': Math.round(memory),
    },
  ])
  report({
    work: `a rehearsal of ${PENDING} statements against a target of 2,000 objects, on PGlite`,
    tool: 'tidemark',
    measured: `median ${(median / 1000).toFixed(2)} s (CPU of the process ${(cpuMs / 1000).toFixed(2)} s), ${Math.round(memory)} MB`,
    target: `≤ ${(TARGET_MS / 1000).toFixed(2)} s`,
    met: median <= TARGET_MS,
  })
  await database.drop()
  rmSync(folder, { recursive: true, force: true })
}

function writeApplied(folder: string, index: number): void {
  const tables = [0, 1, 2, 3].map((at) => {
    const name = `t${index * 4 + at}`
    return `CREATE TABLE ${name} (id bigint PRIMARY KEY, amount int NOT NULL DEFAULT 0, note text);
CREATE INDEX ${name}_note_idx ON ${name} (note);
CREATE VIEW ${name}_notes AS SELECT id, note FROM ${name};`
  })
  writeFileSync(join(folder, `${String(index).padStart(4, '0')}_m.sql`), `-- @up\n${tables.join('\n')}\n`)
}

interface Round {
  readonly wallMs: number
  readonly statements: number
  readonly problems: number
  readonly cpuMs: number
  readonly maxRssMb: number
}

function runOnce(folder: string, cache: string, url: string): Round {
  const program = fileURLToPath(new URL('./rehearse-once.mjs', import.meta.url))
  const startedAt = performance.now()
  const { stdout, stderr, status } = spawnSync(process.execPath, [program, folder, cache, url], {
    encoding: 'utf8',
  })
  const wallMs = performance.now() - startedAt
  if (status !== 0) throw new Error(stderr)
  return { wallMs, ...JSON.parse(stdout) }
}
