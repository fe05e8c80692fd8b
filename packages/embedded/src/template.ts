import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { PGlite } from '@electric-sql/pglite'
import { cacheDirectory, makeFolder } from '@tidemark/core/node'
import { compressTemplate } from './directory/compress-template.ts'

/** The template's name, in `assets/` beside the built code and in the cache. */
export const TEMPLATE_NAME = 'embedded-template.tar.br'

/** Changes whenever the template or PGlite's major does, so that an old cache is not used. */
const CACHE_KEY = '0.5-1'

/**
 * Finds the data directory that every embedded database starts from, so that nobody waits for `initdb`.
 * Published code has it beside itself; from source it is made once per user and kept in the cache directory.
 */
export async function findTemplate(): Promise<string> {
  const besides = fileURLToPath(new URL(`./assets/${TEMPLATE_NAME}`, import.meta.url))
  if (existsSync(besides)) return besides
  const cached = join(cacheDirectory(), CACHE_KEY, TEMPLATE_NAME)
  if (!existsSync(cached)) await makeTemplate(cached)
  return cached
}

/** Runs `initdb` in memory and writes the compressed data directory, whole or not at all. */
export async function makeTemplate(path: string): Promise<void> {
  const pglite = await PGlite.create({ initDbStartParams: ['--wal-segsize=1'] })
  const tar = await pglite.dumpDataDir('none')
  await pglite.close()
  const bytes = await compressTemplate(Buffer.from(await tar.arrayBuffer()))
  const draft = `${path}.${randomUUID()}`
  await makeFolder(dirname(path))
  try {
    await writeFile(draft, bytes)
    await rename(draft, path)
  } catch (error) {
    await rm(draft, { force: true })
    if (!existsSync(path)) throw error
  }
}
