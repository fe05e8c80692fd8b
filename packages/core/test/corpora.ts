import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../../../../shared/corpora/', import.meta.url))

/**
 * Whether the corpora of real SQL lie beside the repository; tests that read them are skipped where they do
 * not.
 */
export const hasCorpora = existsSync(ROOT)

/** A file of a corpus, by its path in it. */
export interface CorpusFile {
  readonly path: string
  readonly text: string
}

/** Lists all SQL files below a folder of the corpora, in the order of their paths. */
export function listCorpus(folder: 'ours' | 'pg-regress'): readonly CorpusFile[] {
  if (!hasCorpora) return []
  return readdirSync(ROOT + folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.sql'))
    .sort()
    .map((path) => ({ path, text: readFileSync(`${ROOT}${folder}/${path}`, 'utf8') }))
}

/** Reads the statements that a server received from psql for each regression script. */
export function readExpected(): Readonly<Record<string, readonly string[]>> {
  return JSON.parse(readFileSync(`${ROOT}pg-regress/expected.json`, 'utf8'))
}
