// Bundles the command line into dist/, or into the folder that is named: workspace packages and small libraries inside, what is
// large or native stays a dependency. Modules behind a dynamic import run when it is reached, so that `validate` never runs pg.
import { createHash } from 'node:crypto'
import { rmSync } from 'node:fs'
import { cp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { directImports } from './direct-imports.js'
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
  // CommonJS is what V8 can be given as a script with the code that it compiled before, see src/start/load-compiled.ts.
  format: 'cjs',
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
const BUILD_ID_TO_COME = '@build-id@'
const program = join(draft, 'command-line.cjs')
await build({
  ...common,
  entryPoints: ['src/command-line.ts'],
  outfile: program,
  define: { 'import.meta.url': '__bundleUrl', BUILD_ID: JSON.stringify(BUILD_ID_TO_COME) },
  banner: { js: "const __bundleUrl = require('node:url').pathToFileURL(__filename).href;" },
})
const buildId = await prepare(inRoot(program))
await build({
  ...common,
  entryPoints: ['src/start/main.ts'],
  outfile: join(draft, 'main.cjs'),
  define: { BUILD_ID: JSON.stringify(buildId) },
})
await copyEmbeddedAssets()
const old = `${draft}-old`
const target = process.argv[2] ?? inRoot('dist')
await rename(target, inRoot(old)).catch(passOverMissing)
await rename(inRoot(draft), target)
await rm(inRoot(old), { recursive: true, force: true })

/**
 * Makes a bundle one that src/start/load-compiled.ts can load, and gives its id: a function, as Node wraps a module. Code that V8 kept knows
 * no longer how to import, so it asks the loader. The text is read as ASCII, and esbuild leaves other characters in regular expressions.
 *
 * @param {string} path
 */
async function prepare(path) {
  const built = await readFile(path, 'utf8')
  const text = `(function (exports, require, module, __filename, __dirname, __import) {${built}\n})\n`
    .replace(/(?<![\w$.])import\((?!\))/g, '__import(')
    .replace(/[\u0080-\uffff]/g, escapeCharacter)
  const id = createHash('sha256').update(text).digest('hex').slice(0, 16)
  await writeFile(path, text.replaceAll(BUILD_ID_TO_COME, id), 'latin1')
  return id
}

/** @param {string} character */
function escapeCharacter(character) {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
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
