import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { report } from './results.ts'

/** How many migrations the graph has of which all are checked. */
const GRAPH = 340

/** What is measured, and on which server; empty: in the process. */
export interface CheckRun {
  readonly engine: string
  readonly address: string
  readonly rounds: number
}

/**
 * Measures `tidemark check` of one new migration on many, as a whole process, with the databases of the many in the
 * cache and no verdict.
 */
export function measureCheckOfOne(migrations: string, id: string, targetMs: number, run: CheckRun): void {
  const project = mkdtempSync(join(tmpdir(), 'bench-check-one-'))
  const check = () => runCheck(project, [id, '--dir', migrations], run)
  const first = check()
  const rounds = Array.from({ length: run.rounds }, check).sort((a, b) => a.wallMs - b.wallMs)
  const again = runCheck(project, [id, '--dir', migrations], run, 'cached')
  rmSync(project, { recursive: true })
  const median = rounds[Math.floor((run.rounds - 1) / 2)] ?? first
  const memory = Math.max(...rounds.map(({ maxRssMb }) => maxRssMb))
  show(`check of one new migration on 1,000, cache warm, on ${run.engine}`, {
    'first time, s': seconds(first.wallMs),
    'median, s': seconds(median.wallMs),
    'CPU, s': seconds(median.cpuMs),
    'again, unchanged, s': seconds(again.wallMs),
    'memory, MB': Math.round(memory),
  })
  report({
    work: `check of one new migration on 1,000, cache warm, on ${run.engine}`,
    tool: 'tidemark',
    measured: `median ${seconds(median.wallMs)} s (CPU of the process ${seconds(median.cpuMs)} s), ${Math.round(memory)} MB; again, unchanged: ${seconds(again.wallMs)} s`,
    target: `≤ ${seconds(targetMs)} s, ≤ 700 MB`,
    met: median.wallMs <= targetMs && memory <= 700,
  })
}

/** Measures `tidemark check --all` of a graph with many branches. */
export function measureCheckOfGraph(run: CheckRun): void {
  const project = mkdtempSync(join(tmpdir(), 'bench-check-graph-'))
  mkdirSync(join(project, 'migrations'))
  for (let index = 0; index < GRAPH; index += 1) writeGraphMigration(join(project, 'migrations'), index)
  const { wallMs, cpuMs, maxRssMb, pairs } = runCheck(project, ['--all'], run)
  rmSync(project, { recursive: true })
  show(`check of all of a graph of ${GRAPH}, ${pairs} pairs without an order, on ${run.engine}`, {
    s: seconds(wallMs),
    'CPU, s': seconds(cpuMs),
    'memory, MB': Math.round(maxRssMb),
  })
  report({
    work: `check of all of a graph of ${GRAPH} with ${pairs} pairs without an order, on ${run.engine}`,
    tool: 'tidemark',
    measured: `${seconds(wallMs)} s (CPU of the process ${seconds(cpuMs)} s), ${Math.round(maxRssMb)} MB`,
    target: '≤ 15 s, ≤ 700 MB',
    met: wallMs <= 15_000 && maxRssMb <= 700,
  })
}

/** A chain with side branches of one to four, as projects have: each follows the last one that was merged. */
function writeGraphMigration(folder: string, index: number): void {
  const name = (at: number) => `${String(at).padStart(4, '0')}_m`
  const place = index % 5
  const trunk = index - place - 5
  const dependsOn =
    index < 5 ? [index - 1].filter((at) => at >= 0) : place === 0 ? [trunk, trunk + 4] : [trunk + place - 1]
  const table = `t${Math.max(0, index < 5 ? index : (dependsOn[0] ?? 0))}`
  const [up, down] =
    place === 0 || index < 5
      ? [
          `CREATE TABLE t${index} (id int PRIMARY KEY, a int${dependsOn.map((at) => `, r${at} int REFERENCES t${at}`).join('')});`,
          `DROP TABLE t${index};`,
        ]
      : [`CREATE TABLE t${index} (id int PRIMARY KEY, r int REFERENCES ${table});`, `DROP TABLE t${index};`]
  writeFileSync(
    join(folder, `${name(index)}.sql`),
    `-- Depends on: [${dependsOn.map(name).join(', ')}]\n-- @up\n${up}\n-- @down\n${down}\n`,
  )
}

interface Measured {
  readonly wallMs: number
  readonly cpuMs: number
  readonly maxRssMb: number
  readonly pairs: number
}

function runCheck(
  cwd: string,
  what: readonly string[],
  { address }: CheckRun,
  verdict: 'executed' | 'cached' = 'executed',
): Measured {
  const cli = fileURLToPath(new URL('../../../apps/cli/bin/run.js', import.meta.url))
  const usage = join(cwd, 'usage.json')
  const args = [cli, 'check', ...what, '--json', '--no-env-file']
  if (verdict === 'executed') args.push('--no-cache')
  if (address !== '') args.push('--shadow', address)
  const startedAt = performance.now()
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd,
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
    env: {
      ...process.env,
      BENCH_USAGE: usage,
      NODE_OPTIONS: `--import ${pathToFileURL(fileURLToPath(new URL('./usage-at-exit.mjs', import.meta.url))).href}`,
    },
  })
  const wallMs = performance.now() - startedAt
  // Findings are no failure: the index of the new migration is not built concurrently.
  if (![0, 6, 7].includes(status ?? 70))
    throw new Error(`check ended with ${status}: ${stderr}${stdout.slice(0, 4000)}`)
  const document: { readonly cached: boolean; readonly order: { readonly pairs: number } | null } =
    JSON.parse(stdout)
  if (document.cached !== (verdict === 'cached')) throw new Error(`the check was not ${verdict}`)
  return { wallMs, ...JSON.parse(readFileSync(usage, 'utf8')), pairs: document.order?.pairs ?? 0 }
}

function show(title: string, row: Readonly<Record<string, string | number>>): void {
  console.log(`\n${title}: whole processes`)
  console.table([row])
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(2)
}
