import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createTestDatabase, startServer } from '@tidemark/test-servers'
import { measureCatalog } from './catalog.ts'
import { measureCheckOfGraph, measureCheckOfOne } from './check-command.ts'
import { report } from './results.ts'

/** What knowing before production costs: whole processes, as a pull request starts them. */
const ROUNDS = Number(process.argv[2] ?? 5)
const COUNT = 1000
/** The one that is checked. */
const NEW = nameOf(COUNT)

const folder = mkdtempSync(join(tmpdir(), 'bench-check-'))
for (let index = 0; index <= COUNT; index += 1) writeMigration(index)
measure('PGlite', '', 2000)
measureCheckOfOne(folder, NEW, 2000, { engine: 'PGlite', address: '', rounds: ROUNDS })
const server = await startServer()
process.env['TIDEMARK_TEST_URL'] = server.url()
const database = await createTestDatabase()
await database.query("CREATE ROLE shadow LOGIN CREATEDB PASSWORD 'secret'")
const url = new URL(server.url())
url.username = 'shadow'
url.password = 'secret'
measure('a server', url.href, 700)
const onServer = { engine: 'a server', address: url.href, rounds: ROUNDS }
measureCheckOfOne(folder, NEW, 1000, onServer)
measureCheckOfGraph(onServer)
await measureCatalog((await createTestDatabase()).url)
await server.remove()
rmSync(folder, { recursive: true, force: true })
process.exit(0)

/** A project of some size: sixty tables, then indexes, references, columns and comments. */
function writeMigration(index: number): void {
  const table = `t${index % 60}`
  const sql =
    index < 60
      ? `CREATE TABLE ${table} (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL, at timestamptz NOT NULL DEFAULT now());`
      : index % 4 === 0
        ? `CREATE INDEX i${index} ON ${table} (name);`
        : index % 4 === 1
          ? `CREATE TABLE c${index} (id int PRIMARY KEY, t_id bigint REFERENCES ${table});`
          : `ALTER TABLE ${table} ADD COLUMN col${index} int NOT NULL DEFAULT ${index};\nCOMMENT ON COLUMN ${table}.col${index} IS 'c${index}';`
  const header = `-- Depends on: [${index === 0 ? '' : nameOf(index - 1)}]`
  const down = index % 4 === 0 ? `-- @down\nDROP INDEX i${index};\n` : ''
  writeFileSync(join(folder, `${nameOf(index)}.sql`), `${header}\n-- @up\n${sql}\n${down}`)
}

function nameOf(index: number): string {
  return `${String(index).padStart(5, '0')}_m`
}

function measure(engine: string, address: string, targetMs: number): void {
  const cache = join(folder, 'cache')
  const filled = runOnce(cache, address)
  const rounds = Array.from({ length: ROUNDS }, () => runOnce(cache, address))
  if (rounds.some(({ restored }) => restored !== COUNT)) throw new Error('the shadow was not kept')
  rounds.sort((a, b) => a.wallMs - b.wallMs)
  const median = rounds[Math.floor((ROUNDS - 1) / 2)]?.wallMs ?? Number.NaN
  const memory = Math.max(...rounds.map(({ maxRssMb }) => maxRssMb))
  console.log(
    `\nA shadow of ${COUNT} migrations from the cache, and one applied, on ${engine}: whole processes`,
  )
  console.table([
    {
      rounds: ROUNDS,
      'first time, s': seconds(filled.wallMs),
      'median, s': seconds(median),
      'worst, s': seconds(rounds.at(-1)?.wallMs ?? Number.NaN),
      'memory, MB': Math.round(memory),
    },
  ])
  report({
    work: `a shadow of ${COUNT.toLocaleString('en')} migrations from the cache, and one applied, on ${engine}`,
    tool: 'tidemark',
    measured: `median ${seconds(median)} s, ${Math.round(memory)} MB`,
    target: `≤ ${seconds(targetMs)} s, ≤ 700 MB`,
    met: median <= targetMs && memory <= 700,
  })
}

interface Round {
  readonly wallMs: number
  readonly restored: number
  readonly maxRssMb: number
}

function runOnce(cache: string, address: string): Round {
  const program = fileURLToPath(new URL('./shadow-once.mjs', import.meta.url))
  const startedAt = performance.now()
  const { stdout, stderr, status } = spawnSync(process.execPath, [program, folder, cache, address], {
    encoding: 'utf8',
  })
  const wallMs = performance.now() - startedAt
  if (status !== 0) throw new Error(stderr)
  return { wallMs, ...JSON.parse(stdout) }
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(2)
}
