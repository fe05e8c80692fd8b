import { readdir, readFile } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { buildGraph, isSqlFile, type MigrationGraph, normalizeText, parseMigration } from '@tidemark/core'
import type { Settings } from '../config/settings.ts'
import { refuse } from './refuse.ts'

const FIRST_MARKER = /^[ \t]*--[ \t]*@(up|down|verify)\b/im

/** In place of the SQL: it uses bounds, without which a file in batches is refused. */
const STAND_IN = '-- @up\nDELETE FROM t WHERE $1 < $2;\n'

/**
 * Resolves the graph of all environments from the headers alone: a file whose SQL is still to be written has its place in it.
 *
 * @throws {TidemarkError} for wrong headers and a wrong graph.
 */
export async function readHeaders(settings: Pick<Settings, 'migrations'>): Promise<MigrationGraph> {
  const names = await readdir(settings.migrations, { recursive: true })
  const paths = names.filter(
    (name) => isSqlFile(name) && !name.split(sep).some((part) => part.startsWith('.')),
  )
  const parsed = await Promise.all(
    paths.map(async (name) => {
      const path = relative(process.cwd(), join(settings.migrations, name)).split(sep).join('/')
      const text = normalizeText(await readFile(join(settings.migrations, name), 'utf8'))
      const header = text.slice(0, FIRST_MARKER.exec(text)?.index ?? 0)
      return parseMigration({ path, text: header + STAND_IN })
    }),
  )
  const problems = parsed.flatMap((one) => (one.ok ? [] : one.error))
  if (problems.length > 0) throw refuse(problems)
  const graph = buildGraph(
    parsed.flatMap((one) => (one.ok ? [one.value.migration] : [])),
    { elsewhere: 'included' },
  )
  if (graph.ok) return graph.value
  throw refuse(graph.error)
}
