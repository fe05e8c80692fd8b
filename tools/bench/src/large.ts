import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startServer } from '@tidemark/test-servers'
import pg from 'pg'
import { LARGE_FILES, writeLargeFile } from './large-files.ts'
import { report } from './results.ts'

/** In turns, so that a busy moment hits all; the fastest counts. */
const ROUNDS = 5
const MAX_RATIO = 1.1
const MAX_GROWTH_MIB = 95
const root = process.cwd()
execFileSync(process.execPath, ['scripts/build.js'], { cwd: join(root, 'apps/cli'), stdio: 'inherit' })

interface Measured {
  psql: number
  tidemark: number
  up: number
  memory: { readonly growthMib: number; readonly rssMib: number }
}

const [sizeMb = '200', prefix = ''] = process.argv.slice(2)
await compare(Number(sizeMb), prefix)

/**
 * Each file, or those whose name begins so, by psql in one transaction, by a process that is Tidemark's
 * library with 512 MiB of heap, and by the command line as it was built, each on a fresh database.
 */
async function compare(sizeMb: number, prefix: string): Promise<void> {
  const hasPsql = spawnSync('psql', ['--version']).status === 0
  if (!hasPsql) console.log('psql is not installed: no ratio')
  console.log(`Files of ${sizeMb} MB: targets ${MAX_RATIO} × psql, heap growth up to 100 MB`)
  const server = await startServer({ settings: { max_wal_size: '8GB' } })
  const rows: object[] = []
  for (const { name, write, isSlow } of LARGE_FILES) {
    if (prefix === '' ? isSlow : !name.startsWith(prefix)) continue
    const directory = mkdtempSync(join(tmpdir(), 'tidemark-large-'))
    const path = join(directory, `001_${name}.sql`)
    await writeLargeFile(path, sizeMb * 1e6, write)
    const measured = await measure(server.url(), { path, directory, hasPsql })
    rmSync(directory, { recursive: true })
    rows.push({ file: name, ...listed(measured) })
    reportFile(`a file of ${sizeMb} MB: ${name}`, measured)
    console.log(JSON.stringify(rows.at(-1)))
  }
  console.table(rows)
  await server.remove()
}

async function measure(
  admin: string,
  file: { readonly path: string; readonly directory: string; readonly hasPsql: boolean },
): Promise<Measured> {
  const never = Number.POSITIVE_INFINITY
  const best: Measured = { psql: never, tidemark: never, up: never, memory: { growthMib: 0, rssMib: 0 } }
  for (let round = 0; round < ROUNDS; round += 1) {
    if (file.hasPsql) best.psql = Math.min(best.psql, await timed(admin, (to) => runPsql(to, file.path)))
    const ms = await timed(admin, (to) => {
      best.memory = JSON.parse(runTidemark(to, file.directory))
    })
    best.tidemark = Math.min(best.tidemark, ms)
    best.up = Math.min(best.up, await timed(admin, (to) => runUp(to, file.directory)))
  }
  return best
}

function listed({ psql, tidemark, up, memory }: Measured): object {
  const [library, program] = [ratio(tidemark, psql), ratio(up, psql)]
  const times = { psql: Math.round(psql), tidemark: Math.round(tidemark), up: Math.round(up) }
  return { ...times, 'tidemark x psql': library, 'up x psql': program, ...memory }
}

function reportFile(work: string, { psql, tidemark, up, memory }: Measured): void {
  const ms = (time: number) => `${Math.round(time)} ms`
  const against = (time: number) => ({
    ratio: `${ratio(time, psql)} × psql`,
    isFast: Number.isFinite(psql) && time / psql <= MAX_RATIO,
  })
  if (Number.isFinite(psql)) report({ work, tool: 'psql', measured: ms(psql) })
  const library = against(tidemark)
  report({
    work,
    tool: 'tidemark',
    measured: `${ms(tidemark)}, heap + ${memory.growthMib} MiB`,
    ratio: library.ratio,
    target: `≤ ${MAX_RATIO} × psql, heap + 100 MB`,
    met: library.isFast && memory.growthMib <= MAX_GROWTH_MIB,
  })
  const program = against(up)
  report({
    work,
    tool: 'tidemark up',
    measured: ms(up),
    ratio: program.ratio,
    target: `≤ ${MAX_RATIO} × psql`,
    met: program.isFast,
  })
}

function ratio(time: number, psql: number): number | string {
  return Number.isFinite(psql) ? Number((time / psql).toFixed(2)) : 'n/a'
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

function runUp(to: string, directory: string): void {
  const args = ['up', '--database-url', to, '--dir', directory]
  execFileSync(process.execPath, [join(root, 'apps/cli/bin/run.js'), ...args], {
    cwd: directory,
    stdio: 'ignore',
  })
}
