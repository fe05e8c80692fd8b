import { diagnose } from '../diagnostic/diagnose.ts'
import type { Diagnostic } from '../diagnostic/diagnostic.ts'
import type { StatementFacts } from '../sql/facts/facts.ts'
import { readStatementFacts } from '../sql/statement-facts.ts'
import { findHeaderEntries } from './header/header-entries.ts'
import { listHeaderLines } from './header/header-lines.ts'
import type { Migration, MigrationType } from './model/migration.ts'
import { MIGRATION_TYPES } from './model/migration-words.ts'

/** What each type promises, and how to tell a statement that keeps the promise. */
const PROMISES: Readonly<
  Record<
    Exclude<MigrationType, 'custom_sql'>,
    readonly [what: string, keeps: (facts: StatementFacts) => boolean]
  >
> = {
  create_table: [
    'creates no table',
    (facts) => facts.createdTable !== undefined || /^CREATE FOREIGN TABLE/.test(facts.command),
  ],
  alter_table: ['alters no table', (facts) => /^ALTER (FOREIGN )?TABLE/.test(facts.command)],
  drop_table: ['drops no table', (facts) => drops(facts, 'table', 'foreign table')],
  create_index: ['creates no index', (facts) => facts.indexBuild !== undefined],
  drop_index: ['drops no index', (facts) => drops(facts, 'index')],
  insert_data: ['inserts nothing', (facts) => facts.loadsData],
  update_data: ['updates nothing', (facts) => /^(UPDATE|MERGE)/.test(facts.command)],
  delete_data: ['deletes nothing', (facts) => /^(DELETE|TRUNCATE|MERGE)/.test(facts.command)],
}

/** Commands that may do anything, by code that is not looked into. */
const OPAQUE = /^(DO|CALL|EXECUTE|SELECT|WITH|VALUES|TABLE|EXPLAIN|CREATE EXTENSION|IMPORT|$)/

/**
 * Tells whether the header's `Type` says something else than `@up` does: TM1029, a warning, with the type
 * that fits where one does. `custom_sql` promises nothing, and where `@up` runs code (DO, CALL, a function in
 * a SELECT) nothing is said.
 * @example findTypeContradiction({ ...migration, header: { ...header, type: 'drop_table' } })?.code // 'TM1029'
 */
export function findTypeContradiction(migration: Migration): Diagnostic | undefined {
  const { type } = migration.header
  if (type === 'custom_sql') return undefined
  const { text } = migration.source
  const all = migration.up.statements.map((statement) => readStatementFacts(text, statement))
  const [what, keeps] = PROMISES[type]
  if (all.some((facts) => keeps(facts) || OPAQUE.test(facts.command))) return undefined
  const fitting = MIGRATION_TYPES.find((other) => other !== 'custom_sql' && all.some(PROMISES[other][1]))
  return diagnose(migration.source, {
    code: 'TM1029',
    severity: 'warning',
    span: findTypeSpan(migration),
    message: `the type is "${type}", but "@up" ${what}`,
    help: `write "-- Type: ${fitting ?? 'custom_sql'}"`,
  })
}

function drops({ destructions }: StatementFacts, ...objects: readonly string[]): boolean {
  return destructions.some(
    ({ kind, ...rest }) => kind === 'drop' && 'object' in rest && objects.includes(rest.object),
  )
}

function findTypeSpan({ source, up, down, verify }: Migration): Diagnostic['span'] {
  const markers = [up, down, verify].flatMap((section) =>
    section === undefined ? [] : [section.marker.start],
  )
  const lines = listHeaderLines(source.text, Math.min(...markers))
  return findHeaderEntries(source, lines).entries.get('type')?.value[0]
}
