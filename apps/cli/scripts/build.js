// Bundles the command line into dist/, or into the folder that is named: workspace packages and small
// libraries inside, what is large or native stays a dependency. Each dynamic import begins a chunk, and a
// start loads the chunks of one command.
import { createHash } from 'node:crypto'
import { rmSync } from 'node:fs'
import { cp, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { rolldown } from 'rolldown'

const root = new URL('..', import.meta.url)
const inRoot = (/** @type {string} */ path) => fileURLToPath(new URL(path, root))
const manifest = JSON.parse(await readFile(inRoot('package.json'), 'utf8'))
// `pg-native` is what pg loads when it is asked for its native bindings, which is never.
const external = [...Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies }), 'pg-native']
const BUILD_ID = '@build-id@'

// Built beside dist/ and moved in whole: a program that runs the old one meanwhile never loads half of the
// new one.
const draft = inRoot(`.dist-${process.pid}`)
process.on('exit', () => rmSync(draft, { recursive: true, force: true }))
await mkdir(draft)
await writeProgram()
await writeCommandManifest()
await copyEmbeddedAssets()
await copyShadowAssets()
await writeReportPage()
const old = `${draft}-old`
const target = process.argv[2] ?? inRoot('dist')
await rename(target, old).catch(passOverMissing)
await rename(draft, target)
await rm(old, { recursive: true, force: true })

/** Writes the chunks, with the id of the build in place of its placeholder. */
async function writeProgram() {
  const chunks = await bundle('src/main/main.ts')
  const digest = createHash('sha256')
  for (const { code } of chunks) digest.update(code)
  const id = digest.digest('hex').slice(0, 16)
  for (const { fileName, code } of chunks)
    await writeFile(join(draft, fileName), code.replaceAll(BUILD_ID, id))
}

/** Writes what the overview and completion say of all commands, so that a start need not load them. */
async function writeCommandManifest() {
  const folder = join(draft, 'manifest')
  await mkdir(folder)
  for (const { fileName, code } of await bundle('src/main/describe-all-commands.ts'))
    await writeFile(join(folder, fileName), code)
  const { describeAllCommands } = await import(pathToFileURL(join(folder, 'describe-all-commands.cjs')).href)
  await writeFile(join(draft, 'commands.json'), JSON.stringify(await describeAllCommands()))
  await rm(folder, { recursive: true })
}

/**
 * Bundles a module with all that it imports, along its dynamic imports.
 *
 * @param {string} input
 */
async function bundle(input) {
  const build = await rolldown({
    cwd: inRoot('.'),
    input,
    platform: 'node',
    external: (id) => external.some((name) => id === name || id.startsWith(`${name}/`)),
    resolve: { conditionNames: ['@tidemark/source', 'node'] },
    transform: { target: 'node20.19', define: { BUILD_ID: JSON.stringify(BUILD_ID) } },
  })
  const { output } = await build.generate({
    // Less work for Node than modules (docs/decisions/0014-start.md).
    format: 'cjs',
    entryFileNames: '[name].cjs',
    chunkFileNames: '[name]-[hash].cjs',
    // Names stay: stack traces and the kinds of oclif's errors need them.
    minify: {
      compress: { keepNames: { function: true, class: true } },
      mangle: false,
      codegen: { removeWhitespace: true },
    },
  })
  await build.close()
  return output.filter((file) => file.type === 'chunk')
}

// The embedded database finds its worker and its template beside the bundle. The template is made when its
// package is built; a build of the command line alone goes without, and then it is made once per user.
async function copyEmbeddedAssets() {
  for (const folder of ['src', 'dist']) {
    const assets = new URL(`../../packages/embedded/${folder}/assets/`, root)
    const copy = cp(assets, join(draft, 'assets'), { recursive: true })
    await (folder === 'dist' ? copy.catch(passOverMissing) : copy)
  }
}

// A shadow finds its worker and pg_dump beside the bundle.
async function copyShadowAssets() {
  const shadow = new URL('../../packages/shadow/', root)
  await cp(new URL('src/assets/', shadow), join(draft, 'assets'), { recursive: true })
  const { writeAssets } = await import(new URL('scripts/write-assets.js', shadow).href)
  await writeAssets(join(draft, 'assets'))
}

// The page of `report` and `studio`.
async function writeReportPage() {
  const { buildPage } = await import(new URL('../report/scripts/build-page.js', root).href)
  await buildPage(join(draft, 'assets', 'report.html'))
}

/** @param {NodeJS.ErrnoException} error */
function passOverMissing(error) {
  if (error.code !== 'ENOENT') throw error
}
