import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Migration, ok, sectionText } from '@tidemark/core'
import { createMigrationRunner } from '@tidemark/pg-driver'
import type { TestServer } from '@tidemark/test-servers'
import pg from 'pg'

/** One row of the result; times are the best of several rounds, in milliseconds. */
export interface RaceRow {
  readonly set: string
  readonly tool: string
  readonly ms: number
  readonly 'x psql': number | string
}

const ROUNDS = 5

/**
 * Applies the same migrations with one `psql -f` process (each in its own transaction, with one tracking
 * insert) and with Tidemark, in turns, each time on a fresh database.
 */
export async function measureAgainstPsql(
  server: TestServer,
  set: string,
  migrations: readonly Migration[],
): Promise<readonly RaceRow[]> {
  const best = new Map<string, number>()
  const script = writePsqlScript(migrations)
  const tools: readonly (readonly [string, (url: string) => Promise<void> | void])[] = [
    ...(hasPsql() ? ([['psql', (url: string) => runPsql(url, script.path)]] as const) : []),
    ['tidemark', (url) => runTidemark(url, migrations, 'each')],
    ['tidemark, grouped commits', (url) => runTidemark(url, migrations, 'grouped')],
  ]
  if (!hasPsql()) console.log('psql is not installed: no ratio')
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [tool, run] of tools) {
      const ms = await onFreshDatabase(server, run)
      best.set(tool, Math.min(ms, best.get(tool) ?? Number.POSITIVE_INFINITY))
    }
  }
  script.remove()
  const reference = best.get('psql')
  return [...best].map(([tool, ms]) => ({
    set,
    tool,
    ms: Math.round(ms),
    'x psql': reference === undefined ? 'n/a' : Number((ms / reference).toFixed(2)),
  }))
}

async function onFreshDatabase(
  server: TestServer,
  run: (url: string) => Promise<void> | void,
): Promise<number> {
  const admin = new pg.Client({ connectionString: server.url() })
  admin.on('error', () => undefined)
  await admin.connect()
  await admin.query('CREATE DATABASE race')
  await admin.query('CHECKPOINT')
  const startedAt = performance.now()
  await run(server.url('race'))
  const ms = performance.now() - startedAt
  await admin.query('DROP DATABASE race WITH (FORCE)')
  await admin.end()
  return ms
}

async function runTidemark(
  url: string,
  migrations: readonly Migration[],
  commits: 'each' | 'grouped',
): Promise<void> {
  const reader = { readMigrations: async () => ok({ migrations, notes: [] }) }
  await createMigrationRunner({ database: url, migrations: reader, commits }).runMigrations()
}

function runPsql(url: string, path: string): void {
  execFileSync('psql', ['-X', '-q', '-v', 'ON_ERROR_STOP=1', '-f', path, url], { stdio: 'ignore' })
}

function hasPsql(): boolean {
  return spawnSync('psql', ['--version']).status === 0
}

function writePsqlScript(migrations: readonly Migration[]) {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-bench-'))
  const path = join(folder, 'all.sql')
  const parts = migrations.map(
    (migration) =>
      `BEGIN;\n${sectionText(migration, migration.up)}\nINSERT INTO tracking (id) VALUES ('${migration.id}');\nCOMMIT;\n`,
  )
  writeFileSync(
    path,
    `CREATE TABLE tracking (id text PRIMARY KEY, at timestamptz DEFAULT now());\n${parts.join('')}`,
  )
  return { path, remove: () => rmSync(folder, { recursive: true, force: true }) }
}
