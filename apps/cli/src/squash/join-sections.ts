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

function terminated({ source: { text }, header }: Migration, { body, statements }: MigrationSection): string {
  const { batches } = header
  let written = ''
  let at = body.start
  for (const statement of batches === undefined ? [] : statements) {
    written += text.slice(at, statement.codeStart) + withWholeRange(text, statement, batches)
    at = statement.codeEnd
  }
  const last = statements.at(-1)
  if (last === undefined || last.terminated || last.copyData !== undefined) {
    return written + text.slice(at, body.end)
  }
  return `${written}${text.slice(at, last.codeEnd)};${text.slice(last.codeEnd, body.end)}`
}
