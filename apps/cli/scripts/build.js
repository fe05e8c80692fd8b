// Bundles the command line into dist/, or into the folder that is named: workspace packages and small libraries inside, what is
// large or native stays a dependency. Modules behind a dynamic import run when it is reached, so that `validate` never runs pg.
import { rmSync } from 'node:fs'
import { cp, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { directImports } from './direct-imports.js'
import { BUILD_ID_TO_COME, joinChunks } from './join-chunks.js'
import { slimOclif } from './slim-oclif.js'

const root = new URL('..', import.meta.url)
const inRoot = (/** @type {string} */ path) => fileURLToPath(new URL(path, root))
const manifest = JSON.parse(await readFile(inRoot('package.json'), 'utf8'))

// Built beside dist/ and moved in whole: whoever runs the old one meanwhile never meets half of the new one.
const draft = `.dist-${process.pid}`
process.on('exit', () => rmSync(inRoot(draft), { recursive: true, force: true }))
/** @type {import('esbuild').BuildOptions} */
const common = {
  absWorkingDir: inRoot('.'),
  bundle: true,
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
  plugins: [directImports, slimOclif],
  legalComments: 'linked',
  minifySyntax: true,
  minifyWhitespace: true,
  logLevel: 'warning',
}
const buildId = await buildProgram()
await build({
  ...common,
  entryPoints: ['src/main/main.ts'],
  outfile: join(draft, 'main.cjs'),
  format: 'cjs',
  define: { BUILD_ID: JSON.stringify(buildId) },
})
await copyEmbeddedAssets()
const old = `${draft}-old`
const target = process.argv[2] ?? inRoot('dist')
await rename(target, inRoot(old)).catch(passOverMissing)
await rename(inRoot(draft), target)
await rm(inRoot(old), { recursive: true, force: true })

/** Writes dist/command-line.cjs and gives its id. */
async function buildProgram() {
  const { outputFiles } = await build({
    ...common,
    entryPoints: ['src/main/command-line.ts'],
    outdir: draft,
    format: 'esm',
    splitting: true,
    legalComments: 'external',
    write: false,
    define: { 'import.meta.url': '__bundleUrl', BUILD_ID: JSON.stringify(BUILD_ID_TO_COME) },
  })
  const legal = outputFiles.filter(({ path }) => path.endsWith('.LEGAL.txt'))
  const chunks = outputFiles.filter((file) => !legal.includes(file))
  const { script, id } = joinChunks(chunks)
  const program = inRoot(join(draft, 'command-line.cjs'))
  await mkdir(dirname(program), { recursive: true })
  await writeFile(program, script, 'latin1')
  await writeFile(`${program}.LEGAL.txt`, legal.map(({ text }) => text).join('\n'))
  return id
}

// The embedded database finds its worker and its template beside the bundle. The template is made when its
// package is built; a build of the command line alone goes without, and then it is made once per user.
async function copyEmbeddedAssets() {
  for (const folder of ['src', 'dist']) {
    const assets = new URL(`../../packages/embedded/${folder}/assets/`, root)
    const copy = cp(assets, new URL(`${draft}/assets/`, root), { recursive: true })
    await (folder === 'dist' ? copy.catch(passOverMissing) : copy)
  }
}

/** @param {NodeJS.ErrnoException} error */
function passOverMissing(error) {
  if (error.code !== 'ENOENT') throw error
}
