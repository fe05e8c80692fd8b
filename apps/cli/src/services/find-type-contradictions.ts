import type { Diagnostic, Migration, MigrationType, StatementFacts } from '@tidemark/core'
import { readStatementFacts } from '@tidemark/core'

// What a file of a type must hold at least once. `custom_sql` promises nothing.
const PROMISES: Readonly<Record<Exclude<MigrationType, 'custom_sql'>, (facts: StatementFacts) => boolean>> = {
  create_table: ({ createdTable, command }) =>
    createdTable !== undefined || command === 'CREATE FOREIGN TABLE',
  alter_table: ({ command }) => command.startsWith('ALTER'),
  drop_table: ({ command }) => command === 'DROP TABLE' || command === 'DROP FOREIGN TABLE',
  create_index: ({ indexBuild }) => indexBuild !== undefined,
  drop_index: ({ command }) => command === 'DROP INDEX',
  insert_data: ({ loadsData }) => loadsData,
  update_data: ({ command }) => command === 'UPDATE' || command === 'MERGE',
  delete_data: ({ command }) => command === 'DELETE' || command === 'TRUNCATE' || command === 'MERGE',
}

// What code may do without the text telling: then nothing is contradicted.
const OPAQUE = new Set(['DO', 'CALL', 'EXECUTE', 'WITH', 'SELECT'])

/** Warns (TM1029) of a migration whose SQL has nothing of what its `Type` says. */
export function findTypeContradiction(migration: Migration): Diagnostic | undefined {
  const { type } = migration.header
  if (type === 'custom_sql') return undefined
  const all = migration.up.statements.map((statement) => readStatementFacts(migration.source.text, statement))
  if (all.some((facts) => PROMISES[type](facts) || OPAQUE.has(facts.command))) return undefined
  const likely = guessType(all)
  const line = /^[ \t]*--[ \t]*type[ \t]*:[ \t]*(\S+)/im.exec(migration.source.text)
  const start = line === null ? 0 : line.index + line[0].length - (line[1]?.length ?? 0)
  return {
    code: 'TM1029',
    severity: 'warning',
    message: `the type is "${type}", but no statement is one`,
    help: likely === undefined ? 'correct `Type`, or leave it out' : `correct it: \`Type: ${likely}\``,
    source: migration.source,
    span: { start, end: start + (line?.[1]?.length ?? 0) },
  }
}

function guessType(facts: readonly StatementFacts[]): MigrationType | undefined {
  const first = facts[0]
  if (first === undefined) return undefined
  const types = Object.entries(PROMISES).filter(([, isKept]) => isKept(first))
  return types.length === 1 ? (types[0]?.[0] as MigrationType) : undefined
}
