import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startServer } from '@tidemark/test-servers'
import pg from 'pg'
import { LARGE_FILES, writeLargeFile } from './large-files.ts'
import { report } from './results.ts'

/** In turns, so that a busy moment hits both; the fastest counts. */
const ROUNDS = 3
const [sizeMb = '200', prefix = ''] = process.argv.slice(2)
await compare(Number(sizeMb), prefix)

/**
 * Each file, or those whose name begins so, by psql in one transaction, and by Tidemark with 512 MiB of heap, each on a
 * fresh database.
 */
async function compare(sizeMb: number, prefix: string): Promise<void> {
  const hasPsql = spawnSync('psql', ['--version']).status === 0
  if (!hasPsql) console.log('psql is not installed: no ratio')
  console.log(`Files of ${sizeMb} MB: targets 1.1 × psql, heap growth up to 100 MiB`)
  const server = await startServer({ settings: { max_wal_size: '8GB' } })
  const rows: object[] = []
  for (const { name, write } of LARGE_FILES) {
    if (!name.startsWith(prefix)) continue
    const directory = mkdtempSync(join(tmpdir(), 'tidemark-large-'))
    const path = join(directory, `001_${name}.sql`)
    await writeLargeFile(path, sizeMb * 1e6, write)
    const times = { psql: Number.POSITIVE_INFINITY, tidemark: Number.POSITIVE_INFINITY }
    let memory = { growthMib: Number.NaN, rssMib: Number.NaN }
    for (let round = 0; round < ROUNDS; round += 1) {
      if (hasPsql) times.psql = Math.min(times.psql, await timed(server.url(), (to) => runPsql(to, path)))
      const ms = await timed(server.url(), (to) => {
        memory = JSON.parse(runTidemark(to, directory))
      })
      times.tidemark = Math.min(times.tidemark, ms)
    }
    const ratio = hasPsql ? Number((times.tidemark / times.psql).toFixed(2)) : 'n/a'
    rows.push({
      file: name,
      psql: Math.round(times.psql),
      tidemark: Math.round(times.tidemark),
      'x psql': ratio,
      ...memory,
    })
    rmSync(directory, { recursive: true })
    const work = `a file of ${sizeMb} MB: ${name}`
    if (hasPsql) report({ work, tool: 'psql', measured: `${Math.round(times.psql)} ms` })
    report({
      work,
      tool: 'tidemark',
      measured: `${Math.round(times.tidemark)} ms, heap + ${memory.growthMib} MiB`,
      ratio: `${ratio} × psql`,
      target: '≤ 1.1 × psql, heap + 100 MB',
      met: typeof ratio === 'number' && ratio <= 1.1 && memory.growthMib <= 95,
    })
    console.log(JSON.stringify(rows.at(-1)))
  }
  console.table(rows)
  await server.remove()
}

async function timed(admin: string, run: (url: string) => void): Promise<number> {
  const client = new pg.Client({ connectionString: admin })
  client.on('error', () => undefined)
  await client.connect()
  await client.query('CREATE DATABASE large')
  await client.query('CHECKPOINT')
  const target = new URL(admin)
  target.pathname = '/large'
  const startedAt = performance.now()
  run(target.href)
  const ms = performance.now() - startedAt
  await client.query('DROP DATABASE large WITH (FORCE)')
  await client.end()
  return ms
}

function runPsql(to: string, path: string): void {
  execFileSync('psql', ['-X', '-q', '-1', '-v', 'ON_ERROR_STOP=1', '-f', path, to], { stdio: 'ignore' })
}

function runTidemark(to: string, directory: string): string {
  const script = join(dirname(fileURLToPath(import.meta.url)), 'large-apply.mjs')
  return execFileSync(process.execPath, ['--max-old-space-size=512', script, to, directory], {
    encoding: 'utf8',
  })
}
