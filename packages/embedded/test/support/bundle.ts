import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

/** A bundle of this package in a folder of its own. */
export interface Bundle {
  /** The module to import. */
  readonly module: string
  readonly remove: () => Promise<void>
}

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/**
 * Bundles the package as the command line does: one file, with the assets copied beside it and PGlite left
 * outside. The folder lies below the package, so that PGlite is found.
 */
export async function bundleEmbedded(): Promise<Bundle> {
  const cache = at('../../node_modules/.cache')
  await mkdir(cache, { recursive: true })
  const folder = await mkdtemp(join(cache, 'bundle-'))
  const module = join(folder, 'embedded.js')
  await build({
    entryPoints: [at('../../src/index.ts')],
    outfile: module,
    bundle: true,
    format: 'esm',
    platform: 'node',
    conditions: ['@tidemark/source'],
    external: ['@electric-sql/pglite', 'pg-native'],
    banner: {
      js: "import { createRequire as cjs } from 'node:module'; const require = cjs(import.meta.url);",
    },
  })
  await cp(at('../../src/assets'), join(folder, 'assets'), { recursive: true })
  return { module, remove: () => rm(folder, { recursive: true, force: true }) }
}
