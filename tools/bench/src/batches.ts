import { ok, parseMigration } from '@tidemark/core'
import { createMigrationRunner } from '@tidemark/pg-driver'
import { createTestDatabase, startServer, type TestDatabase } from '@tidemark/test-servers'
import pg from 'pg'
import { report } from './results.ts'

/** A backfill: by one UPDATE, by the procedure that people write by hand, and in batches. */
const ROWS = Number(process.argv[2] ?? 1_000_000)
/** In turns, so that a busy moment hits all; the fastest counts. */
const ROUNDS = Number(process.argv[3] ?? 3)
const LOAD_MS = 8000
const WORK = `a backfill of ${ROWS.toLocaleString('en')} rows, data in memory`

const SETUP = `CREATE TABLE orders (id bigint PRIMARY KEY, quantity int NOT NULL, price_cents int NOT NULL, total_cents bigint) WITH (autovacuum_enabled = off);
  INSERT INTO orders SELECT n, n % 7 + 1, n % 1000 FROM generate_series(1, ${ROWS}) n`

const UPDATE = 'UPDATE orders SET total_cents = quantity * price_cents WHERE total_cents IS NULL'

const PROCEDURE = `CREATE PROCEDURE fill() LANGUAGE plpgsql AS $$
  DECLARE at bigint := 0; upper bigint;
  BEGIN
    LOOP
      SELECT max(id) INTO upper FROM (SELECT id FROM orders WHERE id > at ORDER BY id LIMIT 5000) batch;
      EXIT WHEN upper IS NULL;
      UPDATE orders SET total_cents = quantity * price_cents WHERE id > at AND id <= upper AND total_cents IS NULL;
      COMMIT;
      at := upper;
    END LOOP;
  END $$`

const FILE = `-- Batches: orders by id
-- @up
UPDATE orders SET total_cents = quantity * price_cents WHERE id BETWEEN $1 AND $2 AND total_cents IS NULL;
`

type Fill = (database: TestDatabase) => Promise<void>

const CONTENDERS: Readonly<Record<string, Fill>> = {
  'one UPDATE': async (database) => {
    await database.query(UPDATE)
  },
  'plpgsql procedure, 5,000 rows a batch': async (database) => {
    await database.query('CALL fill()')
  },
  tidemark: async (database) => fillInBatches(database.url),
}

const server = await startServer({ settings: { max_wal_size: '8GB' } })
process.env['TIDEMARK_TEST_URL'] = server.url()
const { times, growthMib } = await measureTimes()
reportTimes(times, growthMib)
await measureApplication()
await server.remove()
process.exit(0)

async function fillInBatches(url: string): Promise<void> {
  const parsed = parseMigration({ path: '001_fill.sql', text: FILE })
  if (!parsed.ok) throw new TypeError('the file is not valid')
  const { migration } = parsed.value
  await createMigrationRunner({
    database: url,
    migrations: { readMigrations: async () => ok({ migrations: [migration], notes: [] }) },
  }).runMigrations()
}

async function prepared(): Promise<TestDatabase> {
  const database = await createTestDatabase()
  await database.query(SETUP)
  await database.query(PROCEDURE)
  await database.query('VACUUM (ANALYZE) orders')
  await database.query('CHECKPOINT')
  return database
}

async function measureTimes() {
  const times = new Map<string, number>()
  let growthMib = 0
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [name, fill] of Object.entries(CONTENDERS)) {
      const database = await prepared()
      globalThis.gc?.()
      const before = process.memoryUsage().heapUsed
      const startedAt = performance.now()
      await fill(database)
      const ms = performance.now() - startedAt
      globalThis.gc?.()
      if (name === 'tidemark')
        growthMib = Math.max(growthMib, (process.memoryUsage().heapUsed - before) / 2 ** 20)
      const [left] = await database.query('SELECT count(*)::int AS n FROM orders WHERE total_cents IS NULL')
      if (left?.['n'] !== 0) throw new Error(`${name} left rows`)
      times.set(name, Math.min(times.get(name) ?? Number.POSITIVE_INFINITY, ms))
      await database.drop()
    }
  }
  return { times, growthMib }
}

function reportTimes(times: ReadonlyMap<string, number>, growthMib: number): void {
  const [single = 1, procedure = 1, own = 1] = times.values()
  for (const [name, ms] of times) {
    const isOwn = name === 'tidemark'
    report({
      work: WORK,
      tool: name,
      measured: `${Math.round(ms)} ms${isOwn ? `, heap + ${growthMib.toFixed(1)} MiB` : ''}`,
      ratio: `${(ms / procedure).toFixed(2)} × procedure, ${(ms / single).toFixed(2)} × UPDATE`,
      ...(isOwn
        ? {
            target: '≤ 1.15 × procedure, ≤ 1.6 × UPDATE, heap + 5 MiB',
            met: own / procedure <= 1.15 && own / single <= 1.6 && growthMib <= 5,
          }
        : {}),
    })
  }
  console.table(
    [...times].map(([tool, ms]) => ({
      tool,
      ms: Math.round(ms),
      'x procedure': (ms / procedure).toFixed(2),
      'x UPDATE': (ms / single).toFixed(2),
    })),
  )
  console.log(`heap after the backfill: + ${growthMib.toFixed(1)} MiB`)
}

/** How long an application waits for its own small transactions, alone and beside each backfill. */
async function measureApplication(): Promise<void> {
  const alone = await load(async () => new Promise((resolve) => setTimeout(resolve, LOAD_MS)))
  const work = 'an application beside it: p99 of its transactions'
  report({ work, tool: 'alone', measured: `${alone.toFixed(1)} ms` })
  console.log(`p99 alone: ${alone.toFixed(1)} ms`)
  for (const [tool, fill] of Object.entries(CONTENDERS)) {
    const beside = await load(fill)
    const ratio = beside / alone
    const goal = tool === 'tidemark' ? { target: '≤ 2 × alone', met: ratio <= 2 } : {}
    report({ work, tool, measured: `${beside.toFixed(1)} ms`, ratio: `${ratio.toFixed(2)} × alone`, ...goal })
    console.log(`p99 beside ${tool}: ${beside.toFixed(1)} ms, ${ratio.toFixed(2)} x`)
  }
}

async function load(during: Fill): Promise<number> {
  const database = await prepared()
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  const times: number[] = []
  let isOver = false
  const write = async () => {
    for (let turn = 0; !isOver; turn += 1) {
      const id = ((turn * 7919) % ROWS) + 1
      const startedAt = performance.now()
      await client.query('UPDATE orders SET quantity = quantity + 1 WHERE id = $1', [id])
      times.push(performance.now() - startedAt)
      await new Promise((resolve) => setTimeout(resolve, 2))
    }
  }
  const writing = write()
  await during(database)
  isOver = true
  await writing
  await client.end()
  await database.drop()
  times.sort((a, b) => a - b)
  return times[Math.floor(times.length * 0.99)] ?? Number.NaN
}
