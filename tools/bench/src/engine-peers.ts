import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestServer } from '@tidemark/test-servers'
import pg from 'pg'
import type { Contender, Skipped } from './cli/contender.ts'
import { runOnce } from './cli/measure.ts'
import { installPeer, PEERS, type Peer } from './cli/peers.ts'
import type { MigrationSet } from './migration-sets.ts'

const DATABASE = 'peers'

const number = (index: number) => String(index).padStart(5, '0')

/** Those that are libraries run from the smallest script that applies a folder. */
const LIBRARIES: readonly Peer[] = [
  {
    name: 'drizzle-orm',
    packages: ['drizzle-orm', 'pg'],
    bin: 'node',
    args: ['apply.mjs'],
    files: {
      'apply.mjs': `import { drizzle } from 'drizzle-orm/node-postgres'
import { migrate } from 'drizzle-orm/node-postgres/migrator'
const db = drizzle(process.env.DATABASE_URL)
await migrate(db, { migrationsFolder: './migrations' })
await db.$client.end()
`,
    },
    write: (index, sql) => [`migrations/${String(index).padStart(4, '0')}_m.sql`, `${sql}\n`],
  },
  {
    name: 'Kysely Migrator',
    packages: ['kysely', 'pg'],
    bin: 'node',
    args: ['apply.mjs'],
    files: {
      'apply.mjs': `import { readdirSync, readFileSync } from 'node:fs'
import { Kysely, PostgresDialect, sql } from 'kysely'
import * as migration from 'kysely'
import pg from 'pg'
const Migrator = migration.Migrator ?? (await import('kysely/migration')).Migrator
const db = new Kysely({ dialect: new PostgresDialect({ pool: new pg.Pool({ connectionString: process.env.DATABASE_URL }) }) })
const files = readdirSync('migrations').filter((name) => name.endsWith('.sql'))
const getMigrations = async () => Object.fromEntries(files.map((name) => [name, { up: (db) => sql.raw(readFileSync('migrations/' + name, 'utf8')).execute(db) }]))
const { error } = await new Migrator({ db, provider: { getMigrations } }).migrateToLatest()
await db.destroy()
if (error) throw error
`,
    },
    write: (index, sql) => [`migrations/${number(index)}_m.sql`, `${sql}\n`],
  },
  {
    name: 'postgrator',
    packages: ['postgrator', 'pg'],
    bin: 'node',
    args: ['apply.mjs'],
    files: {
      'apply.mjs': `import pg from 'pg'
import * as module from 'postgrator'
const Postgrator = module.default ?? module.Postgrator
const client = new pg.Client(process.env.DATABASE_URL)
await client.connect()
const postgrator = new Postgrator({ migrationPattern: 'migrations/*.sql', driver: 'pg', schemaTable: 'schemaversion', execQuery: (query) => client.query(query) })
await postgrator.migrate()
await client.end()
`,
    },
    write: (index, sql) => [`migrations/${number(index + 1)}.do.m.sql`, `${sql}\n`],
  },
]

/** One row of the race; whole processes, in milliseconds. */
export interface PeerRow {
  readonly tool: string
  readonly best: number
  readonly median: number
  readonly 'x psql': number
}

/** What is raced. */
export interface Race {
  readonly server: TestServer
  /** Where the tools are installed; races that share it install once. */
  readonly folder: string
  /** Where the tools connect, when not directly to the server. */
  readonly port?: number
  readonly set: MigrationSet
  readonly count: number
  readonly rounds: number
}

/** Applies the same migrations with every tool that can be had, in turns, each time on a fresh database. */
export async function raceAgainstPeers({
  server,
  folder,
  port,
  set,
  count,
  rounds,
}: Race): Promise<{ readonly rows: readonly PeerRow[]; readonly skipped: readonly Skipped[] }> {
  const address = new URL(`${server.url(DATABASE)}?sslmode=disable`)
  if (port !== undefined) address.port = String(port)
  const url = address.href
  const statements = Array.from({ length: count }, (_, index) => set.write(index))
  const skipped: Skipped[] = [
    {
      name: 'supabase',
      reason: 'its npm package has no program in it and downloads one from elsewhere',
    },
  ]
  const peers = [...PEERS.filter(({ name }) => name !== 'drizzle-kit'), ...LIBRARIES]
  const ready = [prepareTidemark(folder, statements, url), preparePsql(folder, statements, url)]
  for (const peer of peers) {
    try {
      const contender = installPeer(peer, join(folder, peer.name.replaceAll(' ', '-')), statements, url)
      await onFreshDatabase(server, () => runOnce(contender))
      ready.push(contender)
    } catch (error) {
      skipped.push({
        name: peer.name,
        reason: error instanceof Error ? error.message.slice(0, 300) : String(error),
      })
    }
  }
  const times = new Map(ready.map(({ name }): [string, number[]] => [name, []]))
  for (let round = 0; round < rounds; round += 1) {
    for (const contender of ready) {
      times.get(contender.name)?.push(await onFreshDatabase(server, () => runOnce(contender)))
    }
  }
  return { rows: toRows(times), skipped }
}

function toRows(times: ReadonlyMap<string, readonly number[]>): readonly PeerRow[] {
  const rows = [...times].map(([tool, all]) => {
    const sorted = [...all].sort((a, b) => a - b)
    return { tool, best: sorted[0] ?? 0, median: sorted[Math.floor(sorted.length / 2)] ?? 0 }
  })
  const reference = rows.find(({ tool }) => tool === 'psql')?.best ?? Number.NaN
  return rows
    .sort((a, b) => a.best - b.best)
    .map((row) => ({
      ...row,
      best: Math.round(row.best),
      median: Math.round(row.median),
      'x psql': Number((row.best / reference).toFixed(2)),
    }))
}

async function onFreshDatabase(server: TestServer, run: () => number): Promise<number> {
  const admin = new pg.Client({ connectionString: server.url() })
  admin.on('error', () => undefined)
  await admin.connect()
  try {
    await admin.query(`DROP DATABASE IF EXISTS ${DATABASE} WITH (FORCE)`)
    await admin.query(`CREATE DATABASE ${DATABASE}`)
    await admin.query('CHECKPOINT')
    return run()
  } finally {
    await admin.end()
  }
}

function prepareTidemark(folder: string, statements: readonly string[], url: string): Contender {
  const root = process.cwd()
  execFileSync(process.execPath, ['scripts/build.js'], { cwd: join(root, 'apps/cli'), stdio: 'ignore' })
  const cwd = join(folder, 'tidemark')
  rmSync(join(cwd, 'migrations'), { recursive: true, force: true })
  mkdirSync(join(cwd, 'migrations'), { recursive: true })
  for (const [index, sql] of statements.entries()) {
    writeFileSync(join(cwd, 'migrations', `${number(index)}_m.sql`), `-- @up\n${sql}\n`)
  }
  const args = [join(root, 'apps/cli/bin/run.js'), 'up']
  return { name: 'tidemark up', command: process.execPath, args, cwd, env: { TIDEMARK_DATABASE_URL: url } }
}

function preparePsql(folder: string, statements: readonly string[], url: string): Contender {
  const parts = statements.map(
    (sql, index) => `BEGIN;\n${sql}\nINSERT INTO tracking (id) VALUES ('${number(index)}_m');\nCOMMIT;\n`,
  )
  const tracking = 'CREATE TABLE tracking (id text PRIMARY KEY, at timestamptz DEFAULT now());\n'
  writeFileSync(join(folder, 'all.sql'), tracking + parts.join(''))
  const args = ['-X', '-q', '-v', 'ON_ERROR_STOP=1', '-f', 'all.sql', url]
  return { name: 'psql', command: 'psql', args, cwd: folder, env: {} }
}
