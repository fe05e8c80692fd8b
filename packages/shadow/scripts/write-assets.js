// Writes what the build ships beside the code: pg_dump as WebAssembly, from the package of PGlite's tools.
// Runs after tsc.
import { copyFile, readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const from = dirname(fileURLToPath(import.meta.resolve('@electric-sql/pglite-tools/pg_dump')))
const assets = fileURLToPath(new URL('../dist/assets/', import.meta.url))

// The module is a file that imports its one chunk, without the comments that lead to their sources.
const names = (await readdir(from)).filter((name) => /^(pg_dump|chunk-.*)\.js$/.test(name))
for (const name of names) {
  const text = await readFile(join(from, name), 'utf8')
  await writeFile(join(assets, name), text.replace(/\n\/\/# sourceMappingURL=.*\n?$/, '\n'))
}
await copyFile(join(from, 'pg_dump.wasm'), join(assets, 'pg_dump.wasm'))
await copyFile(join(from, '..', 'LICENSE'), join(assets, 'pg_dump.LICENSE'))
