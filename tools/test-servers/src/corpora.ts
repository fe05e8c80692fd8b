import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const folder = fileURLToPath(new URL('../../../../shared/corpora', import.meta.url))

/** Why tests over other projects' migrations are skipped here, or undefined when they can run. */
export const corporaMissing: string | undefined = existsSync(folder)
  ? undefined
  : 'the migrations of other projects are not beside this checkout'

/**
 * A file of a corpus with its sections cut out by the plainest means, independent of the scanner under test.
 */
export interface CorpusFile {
  readonly id: string
  readonly up: string
  readonly down: string | undefined
  readonly transactional: boolean
}

/** The folder of a project's migrations, for a reader or a command line. */
export function corpusFolder(name: string): string {
  return join(folder, 'ours', name)
}

/** The scripts of PostgreSQL's own regression tests. */
export function regressionFolder(): string {
  return join(folder, 'pg-regress')
}

/** Reads a project's migrations in the order of their linear chain of dependencies. */
export function readCorpus(name: string): readonly CorpusFile[] {
  const next = new Map<string, CorpusFile>()
  for (const file of readdirSync(corpusFolder(name))) {
    if (!file.endsWith('.sql')) continue
    const text = readFileSync(join(corpusFolder(name), file), 'utf8')
    const dependency = /^-- Depends on: \[(.*)\]$/m.exec(text)?.[1] ?? ''
    next.set(dependency, cutFile(file.slice(0, -'.sql'.length), text))
  }
  const chain: CorpusFile[] = []
  for (let file = next.get(''); file !== undefined; file = next.get(file.id)) chain.push(file)
  return chain
}

function cutFile(id: string, text: string): CorpusFile {
  const [header = '', ...sections] = text.split(/^-- @(?=(?:up|down|verify)[ \t]*$)/m)
  const section = (name: string) => sections.find((part) => part.startsWith(name))?.slice(name.length)
  return {
    id,
    up: section('up') ?? '',
    down: section('down'),
    transactional: !/^-- Transaction: none$/m.test(header),
  }
}
