import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'

/**
 * Names the thread that runs `pg_dump`: a file in `assets/` beside this one. A bundle must be shipped with a
 * copy of that folder.
 */
export function dumpWorkerUrl(): URL {
  return new URL('./assets/dump-worker.js', import.meta.url)
}

/**
 * Names the module that has `pgDump`. Published code has it beside itself; from source it is in the package
 * of PGlite's tools, which is no dependency because it demands another PGlite.
 */
export function dumpProgramUrl(): URL {
  const beside = new URL('./assets/pg_dump.js', import.meta.url)
  if (existsSync(fileURLToPath(beside))) return beside
  return pathToFileURL(createRequire(import.meta.url).resolve('@electric-sql/pglite-tools/pg_dump'))
}
