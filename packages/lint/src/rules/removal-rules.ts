import { type CatalogObject, objectKey } from '@tidemark/core'
import { isChild, type TableView } from '../catalog/catalog-view.ts'
import { readIndexKey } from '../catalog/index-columns.ts'
import { nameKey, shownName, shownRelation, splitIdentifiers } from '../catalog/names.ts'
import type { Hit, StepRule } from '../model/rule.ts'
import { findStatement, readWords } from '../subject/lint-statement.ts'
import type { LintSubject } from '../subject/lint-subject.ts'
import { codeBody } from '../tree/code-body.ts'
import { nameOfRange } from '../tree/walk.ts'
import { listTruncated } from './row-changes.ts'
import { inOwnMigrations } from './safe-sql.ts'

/** A column or a table that has another name after a migration. */
interface Renamed {
  readonly statement: number
  readonly table: TableView
  /** Of a column: its old name. */
  readonly column: string | undefined
  readonly to: string
}

/** What RENAME renames, of what was there before. */
function listRenamed({ statements, before, resolve }: LintSubject): readonly Renamed[] {
  return statements.flatMap(({ place, facts, tree }): readonly Renamed[] => {
    const node = facts.command.startsWith('ALTER ') ? tree() : undefined
    if (node === undefined) return []
    if ('AlterObjectSchemaStmt' in node) {
      const { relation, newschema } = node.AlterObjectSchemaStmt
      const table = resolve(nameOfRange(relation))
      if (table === undefined || newschema === undefined || !before.tables.has(nameKey(table))) return []
      return [
        {
          statement: place,
          table,
          column: undefined,
          to: shownRelation({ schema: newschema, name: table.name }),
        },
      ]
    }
    if (!('RenameStmt' in node)) return []
    const { relation, renameType, subname, newname } = node.RenameStmt
    const table = resolve(nameOfRange(relation))
    if (table === undefined || newname === undefined || !before.tables.has(nameKey(table))) return []
    if (renameType === 'OBJECT_COLUMN' || renameType === 'OBJECT_ATTRIBUTE') {
      return subname === undefined
        ? []
        : [{ statement: place, table, column: subname, to: shownName(newname) }]
    }
    return RELATIONS.has(renameType ?? '')
      ? [{ statement: place, table, column: undefined, to: shownName(newname) }]
      : []
  })
}

const RELATIONS: ReadonlySet<string> = new Set([
  'OBJECT_TABLE',
  'OBJECT_VIEW',
  'OBJECT_MATVIEW',
  'OBJECT_FOREIGN_TABLE',
])

/** Columns that running code knows by another name. */
export const renameColumn: StepRule = {
  id: 'rename-column',
  severity: 'warning',
  summary: 'A column is renamed while running code knows its old name.',
  *check(subject) {
    for (const { statement, table, column, to } of listRenamed(subject)) {
      if (column === undefined || !subject.isBusy(table) || !table.columns.has(column)) continue
      const type = table.columns.get(column)?.facets.get('type') ?? 'text'
      yield {
        statement,
        message: `code that runs while ${shownName(column)} of ${shownRelation(table)} becomes ${to} fails`,
        safeSql: inOwnMigrations(
          `-- @up\nALTER TABLE ${shownRelation(table)} ADD COLUMN ${to} ${type};\n-- have the application write both, and fill the old rows in batches`,
          `-- when no code reads ${shownName(column)} any more\n-- @up\nALTER TABLE ${shownRelation(table)} DROP COLUMN ${shownName(column)};`,
        ),
      }
    }
  },
}

/** Tables that running code knows by another name. */
export const renameTable: StepRule = {
  id: 'rename-table',
  severity: 'warning',
  summary: 'A table or view is renamed while running code knows its old name.',
  *check(subject) {
    for (const { statement, table, column, to } of listRenamed(subject)) {
      if (column !== undefined || !subject.isBusy(table)) continue
      // A view in its place, as the safe way has it.
      if (subject.after.tables.has(nameKey(table))) continue
      const shown = shownRelation(table)
      const target = to.includes('.') || table.schema === 'public' ? to : `${shownName(table.schema)}.${to}`
      yield {
        statement,
        message: `code that runs while ${shown} becomes ${to} fails`,
        safeSql: `-- @up\n${subject.statements[statement]?.text ?? ''}\nCREATE VIEW ${shown} AS SELECT * FROM ${target};\n-- drop the view when no code uses it any more`,
      }
    }
  },
}

/** Finds the statement that removes what has some names: not one that uses it before. */
function findRemoval(
  { statements }: LintSubject,
  command: 'ALTER' | 'DROP',
  names: readonly string[],
): number | null {
  const own = statements.filter(({ facts }) => facts.command.startsWith(command))
  const others = statements.filter(({ facts }) => /^(ALTER|DROP|DO$|SELECT$|CALL$)/.test(facts.command))
  return findStatement(own, names) ?? findStatement(others, names) ?? findStatement(statements, names)
}

interface DroppedColumn {
  readonly table: TableView
  readonly column: string
  readonly statement: number | null
}

/** Columns that are gone while their table is there. */
function listDroppedColumns(subject: LintSubject): readonly DroppedColumn[] {
  const { before, after } = subject
  const renamed = new Set(listRenamed(subject).map(({ table, column }) => `${nameKey(table)}\0${column}`))
  return [...before.tables].flatMap(([key, table]) => {
    const now = after.tables.get(key)
    if (now === undefined || now.kind !== 'table' || table.kind !== 'table' || isChild(table)) return []
    return [...table.columns.keys()]
      .filter((column) => !now.columns.has(column) && !renamed.has(`${key}\0${column}`))
      .map((column) => ({ table, column, statement: findRemoval(subject, 'ALTER', [table.name, column]) }))
  })
}

/** Columns that running code reads or writes. */
export const dropColumn: StepRule = {
  id: 'drop-column',
  severity: 'warning',
  summary: 'A column is dropped, which running code may still use.',
  *check(subject) {
    for (const { table, column, statement } of listDroppedColumns(subject)) {
      if (!subject.isBusy(table)) continue
      yield {
        statement,
        message: `${shownName(column)} of ${shownRelation(table)} is gone at once: code that still uses it fails, and its values are lost`,
        safeSql: `-- when no running code reads or writes ${shownName(column)} any more\n-- @up\nALTER TABLE ${shownRelation(table)} DROP COLUMN ${shownName(column)};`,
      }
    }
  },
}

/** Tables that running code uses. */
export const dropTable: StepRule = {
  id: 'drop-table',
  severity: 'warning',
  summary: 'A table is dropped or emptied, which running code may still use.',
  *check(subject) {
    yield* listEmptied(subject)
    const renamed = new Set(
      listRenamed(subject).map(({ table, column }) => (column === undefined ? nameKey(table) : '')),
    )
    for (const [key, table] of subject.before.tables) {
      if (subject.after.tables.has(key) || renamed.has(key) || table.kind !== 'table') continue
      if (!subject.isBusy(table) || isChild(table)) continue
      yield {
        statement: findRemoval(subject, 'DROP', [table.name]),
        message: `${shownRelation(table)} is gone at once: code that still uses it fails, and its rows are lost`,
        safeSql: `-- when no running code uses ${shownRelation(table)} any more\n-- @up\nDROP TABLE ${shownRelation(table)};`,
      }
    }
  },
}

/** Tables with rows that TRUNCATE names; what CASCADE adds to them has a rule of its own. */
function* listEmptied(subject: LintSubject): Generator<Hit> {
  for (const statement of subject.statements) {
    for (const name of listTruncated(subject.parser, statement)) {
      const table = subject.resolve(name)
      if (table === undefined || !subject.isBusy(table, statement.place)) continue
      yield {
        statement: statement.place,
        message: `TRUNCATE empties ${shownRelation(table)}: its rows are lost`,
        safeSql: `-- when no running code needs the rows any more\n-- @up\nTRUNCATE ${shownRelation(table)};`,
      }
    }
  }
}

/** What else goes or breaks with a column. */
export const droppedColumnInUse: StepRule = {
  id: 'dropped-column-in-use',
  severity: 'error',
  summary: 'A view, function, policy or index uses a column that is dropped or renamed.',
  *check(subject) {
    const gone: readonly DroppedColumn[] = [
      ...listDroppedColumns(subject),
      ...listRenamed(subject).flatMap(({ table, column, statement }) =>
        column === undefined ? [] : [{ table, column, statement }],
      ),
    ]
    for (const one of gone) {
      if (!subject.isBusy(one.table)) continue
      const details = [...listLost(subject, one), ...listBroken(subject, one)]
      if (details.length === 0) continue
      yield {
        statement: one.statement,
        message: `${shownName(one.column)} of ${shownRelation(one.table)} is still used`,
        details,
      }
    }
  },
}

/** Policies, views and indexes that the server drops with the column. */
function* listLost(subject: LintSubject, { table, column }: DroppedColumn): Generator<string> {
  const { before, after, parser, statements } = subject
  for (const index of table.indexes) {
    if (after.indexes.has(nameKey(index))) continue
    const { columns } = readIndexKey(index, parser)
    if (!columns.includes(column) || columns.length < 2 || findStatement(statements, [index.name]) !== null)
      continue
    yield `the index ${shownName(index.name)} on (${columns.map((name) => (name === undefined ? '…' : shownName(name))).join(', ')}) goes with it`
  }
  for (const policy of table.policies) {
    if (after.catalog.objects.has(objectKey(policy)) || !names(policyText(policy), [column])) continue
    const name = splitIdentifiers(policy.id).at(-1) ?? ''
    if (findStatement(statements, [name]) === null) yield `the policy ${shownName(name)} goes with it`
  }
  for (const view of before.tables.values()) {
    const query = view.object.facets.get('query')
    if (query === undefined || after.tables.has(nameKey(view)) || !names(query, [table.name, column]))
      continue
    if (findStatement(statements, [view.name]) === null)
      yield `the ${view.kind} ${shownRelation(view)} goes with it`
  }
}

function policyText({ facets }: CatalogObject): string {
  return `${facets.get('using') ?? ''} ${facets.get('with check') ?? ''}`
}

function names(text: string, words: readonly string[]): boolean {
  const found = readWords(text)
  return words.every((word) => found.has(word))
}

/** Functions whose text still names the column: the server does not know of them. */
function* listBroken({ after }: LintSubject, { table, column }: DroppedColumn): Generator<string> {
  for (const { kind, id, facets } of after.routines) {
    // The arguments in its head may have any names.
    const words = readWords(codeBody(facets.get('definition') ?? ''))
    if (!words.has(table.name) || !words.has(column)) continue
    // The name may be that of another table's column.
    const isOther = [...after.tables.values()].some(
      (other) => other.columns.has(column) && words.has(other.name),
    )
    if (!isOther) yield `the ${kind} ${id} still names it, and fails when it runs`
  }
}
