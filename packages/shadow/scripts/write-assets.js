// Writes what is shipped beside the code: pg_dump as WebAssembly, from the package of PGlite's tools. The build
// runs this file after tsc; that of the command line imports it.
import { copyFile, cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { argv } from 'node:process'
import { fileURLToPath } from 'node:url'

const from = dirname(fileURLToPath(import.meta.resolve('@electric-sql/pglite-tools/pg_dump')))

/**
 * Copies the module with its one chunk, without the comments that lead to their sources.
 *
 * @param {string} folder
 */
export async function writeAssets(folder) {
  await mkdir(folder, { recursive: true })
  for (const name of await readdir(from)) {
    if (!/^(pg_dump|chunk-.*)\.js$/.test(name)) continue
    const text = await readFile(join(from, name), 'utf8')
    await writeFile(join(folder, name), text.replace(/\n\/\/# sourceMappingURL=.*\n?$/, '\n'))
  }
  const stubs = fileURLToPath(new URL('../src/assets/stubs', import.meta.url))
  await cp(stubs, join(folder, 'stubs'), { recursive: true })
  await copyFile(join(from, 'pg_dump.wasm'), join(folder, 'pg_dump.wasm'))
  await copyFile(join(from, '..', 'LICENSE'), join(folder, 'pg_dump.LICENSE'))
}

if (argv[1] === fileURLToPath(import.meta.url))
  await writeAssets(fileURLToPath(new URL('../dist/assets/', import.meta.url)))
