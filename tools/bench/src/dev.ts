import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { report } from './results.ts'

/** How soon `tidemark dev` answers a save: from the write of the file to its line of `--json`. */
const ROUNDS = Number(process.argv[2] ?? 9)
const COUNT = 200

const project = mkdtempSync(join(tmpdir(), 'bench-dev-'))
mkdirSync(join(project, 'migrations'))
for (let index = 0; index < COUNT; index += 1) {
  const last = index === 0 ? '' : nameOf(index - 1)
  const sql =
    index % 4 === 0
      ? `CREATE TABLE t${index} (id bigint PRIMARY KEY, name text NOT NULL);`
      : `ALTER TABLE t${index - (index % 4)} ADD COLUMN c${index} int;`
  write(nameOf(index), `-- Depends on: [${last}]\n-- @up\n${sql}\n`)
}
const entry = fileURLToPath(new URL('../../../apps/cli/bin/run.js', import.meta.url))
const child = spawn(process.execPath, [entry, 'dev', '--json', '--show-only'], {
  cwd: project,
  stdio: ['ignore', 'pipe', 'inherit'],
})
const exited = once(child, 'exit')
const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
await answer('checked')

const faults: number[] = []
const checks: number[] = []
for (let round = 0; round < ROUNDS; round += 1) {
  faults.push(await save(`-- Depends on: [nope_${round}]\n-- @up\nSELECT 1;\n`, 'problems'))
  const column = `-- Depends on: [${nameOf(COUNT - 1)}]\n-- @up\nALTER TABLE t0 ADD COLUMN n${round} int;\n`
  checks.push(await save(column, 'checked'))
}
child.kill('SIGINT')
await exited
rmSync(project, { recursive: true })
show(`dev: a file's own fault, ${COUNT} migrations`, faults, 300)
show(`dev: a save is checked on the warm shadow of ${COUNT} migrations, on PGlite`, checks, 1000)

async function save(text: string, kind: string): Promise<number> {
  const startedAt = performance.now()
  write(nameOf(COUNT), text)
  await answer(kind)
  return performance.now() - startedAt
}

async function answer(kind: string): Promise<void> {
  for (;;) {
    const { value, done } = await lines.next()
    if (done === true) throw new Error(`it ended before "${kind}"`)
    const line: unknown = JSON.parse(String(value))
    if (typeof line === 'object' && line !== null && 'kind' in line && line.kind === kind) return
  }
}

function show(work: string, times: readonly number[], targetMs: number): void {
  const sorted = [...times].sort((a, b) => a - b)
  const median = sorted[Math.floor((sorted.length - 1) / 2)] ?? 0
  const slowest = sorted.at(-1) ?? 0
  const measured = `median ${Math.round(median)} ms, slowest ${Math.round(slowest)} ms`
  console.log(`${work}: ${measured}`)
  report({ work, tool: 'tidemark dev', measured, target: `≤ ${targetMs} ms`, met: median <= targetMs })
}

function write(id: string, text: string): void {
  writeFileSync(join(project, 'migrations', `${id}.sql`), text)
}

function nameOf(index: number): string {
  return `${String(index).padStart(5, '0')}_m`
}
