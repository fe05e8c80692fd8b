import { buildGraph, hasCode, type Migration, type MigrationGraph, withWholeRange } from '@tidemark/core'
import { refuse } from '../project/refuse.ts'

/** Refuses a squash that would not be a graph without the originals, and one that lacks a statement of theirs. */
export function checkSquash(
  graph: MigrationGraph,
  { originals, squash }: { readonly originals: readonly Migration[]; readonly squash: Migration },
  refuseLost: (original: Migration, statement: string) => Error,
): void {
  const replaced = new Set([...originals, squash])
  const others = [...graph.nodes.map(({ migration }) => migration), ...graph.ignored]
  const after = buildGraph([...others.filter((migration) => !replaced.has(migration)), squash])
  if (!after.ok) throw refuse(after.error)
  const written = statementsOf(squash)
  let place = 0
  for (const original of originals) {
    for (const statement of statementsOf(original)) {
      place = written.indexOf(statement, place) + 1
      if (place === 0) throw refuseLost(original, statement)
    }
  }
}

function statementsOf({ up, header, source: { text } }: Migration): readonly string[] {
  const { batches } = header
  return up.statements
    .filter((statement) => hasCode(text, statement))
    .map((statement) => {
      const { codeStart, codeEnd, copyData } = statement
      const written =
        batches === undefined ? text.slice(codeStart, codeEnd) : withWholeRange(text, statement, batches)
      const sql = written.replace(/;$/, '')
      return copyData === undefined ? sql : sql + text.slice(copyData.start, copyData.end)
    })
}
