import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

// Node 20 runs no TypeScript: the matrix is bundled from source and run in a process of its own.
const here = fileURLToPath(new URL('.', import.meta.url))
const folder = mkdtempSync(join(here, '.run-'))
try {
  const outfile = join(folder, 'matrix.mjs')
  await build({
    entryPoints: [join(here, 'src', 'matrix.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    conditions: ['@tidemark/source'],
    external: ['pg'],
    define: { __ROOT__: JSON.stringify(fileURLToPath(new URL('../..', import.meta.url))) },
    logLevel: 'error',
  })
  const { status } = spawnSync(process.execPath, [outfile, ...process.argv.slice(2)], { stdio: 'inherit' })
  process.exitCode = status ?? 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}
