import { type Migration, type MigrationSection, withWholeRange } from '@tidemark/core'
import { leftBehind } from './left-behind.ts'

/** Sections of several migrations as one text. */
export interface JoinedSections {
  readonly text: string
  readonly notes: readonly string[]
}

/**
 * Puts sections one behind the other, each below its id. Comments and SQL are kept byte for byte, but for the bounds
 * of batches: a squash runs on a new database, where the whole table is one batch. A last statement without `;`
 * gets one, and what a migration would have left in its session is taken back, as it is
 * between migrations.
 *
 * @throws {TidemarkError} TM7025 where that cannot be done in SQL.
 */
export function joinSections(
  members: readonly Migration[],
  sectionOf: (migration: Migration) => MigrationSection | undefined,
): JoinedSections {
  const notes: string[] = []
  const parts = members.flatMap((migration, place) => {
    const section = sectionOf(migration)
    if (section === undefined || section.body.end === section.body.start) return []
    const after = leftBehind(migration, section)
    notes.push(...after.notes)
    const resets = place === members.length - 1 ? [] : after.resets
    return [[`-- ${migration.id}`, terminated(migration, section).trim(), ...resets].join('\n')]
  })
  return { text: parts.join('\n\n'), notes }
}

function terminated(migration: Migration, section: MigrationSection): string {
  const { text } = migration.source
  const { body, statements } = section
  const [written, at] = wholeRange(migration, section)
  const last = statements.at(-1)
  if (last === undefined || last.terminated || last.copyData !== undefined) {
    return written + text.slice(at, body.end)
  }
  return `${written}${text.slice(at, last.codeEnd)};${text.slice(last.codeEnd, body.end)}`
}

/** The statements of a file in batches, each over the whole table, and where they end; nothing of another file. */
function wholeRange(
  { source: { text }, header: { batches } }: Migration,
  { body, statements }: MigrationSection,
): readonly [written: string, at: number] {
  if (batches === undefined) return ['', body.start]
  const starts = [body.start, ...statements.map(({ codeEnd }) => codeEnd)]
  const parts = statements.map(
    (statement, place) =>
      text.slice(starts[place], statement.codeStart) + withWholeRange(text, statement, batches),
  )
  return [parts.join(''), starts.at(-1) ?? body.start]
}
