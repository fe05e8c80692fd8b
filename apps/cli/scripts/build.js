// Bundles the command line into dist/, or into the folder that is named: workspace packages and small libraries inside, what is
// large or native stays a dependency.
// Chunks are split along dynamic imports, so that `validate` never loads pg or PGlite.
import { rmSync } from 'node:fs'
import { cp, readFile, rename, rm } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { slimOclif } from './slim-oclif.js'

const root = new URL('..', import.meta.url)
const inRoot = (/** @type {string} */ path) => fileURLToPath(new URL(path, root))
const manifest = JSON.parse(await readFile(inRoot('package.json'), 'utf8'))

// Built beside dist/ and moved in whole: whoever runs the old one meanwhile never meets half of the new one.
const draft = `.dist-${process.pid}`
process.on('exit', () => rmSync(inRoot(draft), { recursive: true, force: true }))
await build({
  absWorkingDir: inRoot('.'),
  entryPoints: { main: 'src/main.ts', commands: 'src/commands.ts' },
  outdir: draft,
  chunkNames: 'chunks/[name]-[hash]',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  conditions: ['@tidemark/source'],
  external: [
    ...Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies }).flatMap((name) => [
      name,
      `${name}/*`,
    ]),
    // What pg loads when it is asked for its native bindings, which is never.
    'pg-native',
  ],
  plugins: [slimOclif],
  legalComments: 'linked',
  minifySyntax: true,
  minifyWhitespace: true,
  logLevel: 'warning',
  // CommonJS libraries inside the bundle (pino) ask for Node's own modules with require.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
})
await copyEmbeddedAssets()
const old = `${draft}-old`
const target = process.argv[2] ?? inRoot('dist')
await rename(target, inRoot(old)).catch(passOverMissing)
await rename(inRoot(draft), target)
await rm(inRoot(old), { recursive: true, force: true })

// The embedded database finds its worker and its template beside the chunk that starts it. The template is made when its
// package is built; a build of the command line alone goes without, and then it is made once per user.
async function copyEmbeddedAssets() {
  for (const folder of ['src', 'dist']) {
    const assets = new URL(`../../packages/embedded/${folder}/assets/`, root)
    const copy = cp(assets, new URL(`${draft}/chunks/assets/`, root), { recursive: true })
    await (folder === 'dist' ? copy.catch(passOverMissing) : copy)
  }
}

/** @param {NodeJS.ErrnoException} error */
function passOverMissing(error) {
  if (error.code !== 'ENOENT') throw error
}
