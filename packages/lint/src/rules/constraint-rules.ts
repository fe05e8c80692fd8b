import { isStronger, type TouchedRelation } from '@tidemark/core'
import { type ConstraintView, referencedTable, type TableView } from '../catalog/catalog-view.ts'
import { nameKey, shownName, shownRelation } from '../catalog/names.ts'
import type { Hit, SchemaRule, StepRule } from '../model/rule.ts'
import type { LintStatement } from '../subject/lint-statement.ts'
import type { LintSubject } from '../subject/lint-subject.ts'
import { listAddedConstraints, listCommands, stringOf } from '../tree/walk.ts'
import { requireByCheck, validateAfterwards } from './mechanical.ts'
import { inOwnMigrations } from './safe-sql.ts'

/** What a statement reads a table for. */
type ScanCause = 'foreign key' | 'not null' | 'type change' | 'other'

/** A table that was read from first to last row while others wait. */
export interface LockedScan {
  readonly statement: LintStatement
  readonly table: TouchedRelation
  readonly causes: ReadonlySet<ScanCause>
}

/** Commands that read tables for their own sake, or that a rule of their own is about. */
const READERS = /^(ALTER|CREATE TABLE|DO$|SELECT$|CALL$|EXECUTE$)/

/** Lists what DDL reads while it holds a lock that makes writers wait. */
export function* listLockedScans(subject: LintSubject): Generator<LockedScan> {
  for (const statement of subject.statements) {
    const { effects, place, facts } = statement
    if (!READERS.test(facts.command)) continue
    const rewritten = new Set([
      ...effects.rewrites.map(nameKey),
      ...effects.indexBuilds.map(({ table }) => nameKey(table)),
    ])
    for (const table of effects.scans) {
      if (table.isNew || rewritten.has(nameKey(table)) || !subject.isBusy(table, place)) continue
      if (!isLocked(subject, statement, table)) continue
      const causes = readCauses(subject, statement)
      // What a SELECT or a DO only reads is no work of DDL.
      if (causes.size > 0) yield { statement, table, causes }
    }
  }
}

/** Whether writers of the table wait: for this statement, or for an earlier one of its transaction. */
function isLocked(subject: LintSubject, { effects, place }: LintStatement, table: TouchedRelation): boolean {
  const own = effects.locks.find(({ relation }) => nameKey(relation) === nameKey(table))?.mode
  const held = subject.heldBefore(place).get(nameKey(table))
  return [own, held].some((mode) => mode !== undefined && isStronger(mode, 'SHARE UPDATE EXCLUSIVE'))
}

function readCauses(subject: LintSubject, statement: LintStatement): ReadonlySet<ScanCause> {
  const tree = statement.tree()
  if (tree === undefined || !('AlterTableStmt' in tree)) {
    return new Set(/^(ALTER|CREATE)/.test(statement.facts.command) ? ['other'] : causesInCode(subject))
  }
  const commands = listCommands(tree)
  const added = listAddedConstraints(tree)
  const causes = new Set<ScanCause>()
  if (commands.some(({ subtype }) => subtype === 'AT_AlterColumnType')) causes.add('type change')
  if (commands.some(({ subtype }) => subtype === 'AT_SetNotNull')) causes.add('not null')
  for (const { constraint, column } of added) {
    if (constraint.skip_validation === true) continue
    if (constraint.contype === 'CONSTR_FOREIGN') causes.add('foreign key')
    else if (constraint.contype === 'CONSTR_NOTNULL' && column === undefined) causes.add('not null')
    else if (constraint.contype === 'CONSTR_CHECK') causes.add('other')
  }
  return causes.size === 0 ? new Set(['other']) : causes
}

/** Of code in a DO block or a function: by what it leaves. */
function causesInCode(subject: LintSubject): readonly ScanCause[] {
  const { before, after } = subject
  const isNew = (table: TableView, constraint: ConstraintView) =>
    !before.tables.get(nameKey(table))?.constraints.has(constraint.name)
  const added = [...after.tables.values()].flatMap((table) =>
    [...table.constraints.values()].filter((one) => isNew(table, one) && !isNotValid(one)),
  )
  const isForeign = ({ definition }: ConstraintView) => definition.startsWith('FOREIGN KEY')
  const required = [...after.tables].some(([key, table]) =>
    [...table.columns].some(
      ([name, column]) =>
        column.facets.has('not null') &&
        before.tables.get(key)?.columns.get(name)?.facets.has('not null') === false,
    ),
  )
  return [
    ...(added.some(isForeign) ? (['foreign key'] as const) : []),
    ...(required ? (['not null'] as const) : []),
    ...(added.some(({ definition }) => definition.startsWith('CHECK')) ? (['other'] as const) : []),
  ]
}

/** Whether the rows of a table were not compared with its constraint. */
export function isNotValid({ definition }: ConstraintView): boolean {
  return definition.endsWith(' NOT VALID')
}

/** Constraints that are compared with every row while writes wait. */
export const scanUnderLock: StepRule = {
  id: 'scan-under-lock',
  severity: 'error',
  summary: 'A statement reads a whole table while writes wait, such as to check a constraint.',
  *check(subject) {
    for (const { statement, table, causes } of listLockedScans(subject)) {
      if (!causes.has('other')) continue
      const added = findAdded(subject, table, ({ definition }) => definition.startsWith('CHECK'))
      yield {
        statement: statement.place,
        message: `every row of ${shownRelation(table)} is read while writes to it wait`,
        safeSql: added && validateLater(shownRelation(table), added),
        rewrite: added && validateAfterwards(statement, shownRelation(table), added),
      }
    }
  },
}

/** Foreign keys that are compared with every row while writes wait. */
export const fkWithoutNotValid: StepRule = {
  id: 'fk-without-not-valid',
  severity: 'error',
  summary: 'A foreign key is checked against every row while writes to both tables wait.',
  *check(subject) {
    for (const statement of subject.statements) {
      if (!/^(ALTER TABLE|DO|SELECT|CALL)$/.test(statement.facts.command)) continue
      for (const { constraint, table } of listCheckedKeys(subject, statement)) {
        const parent = referencedTable(constraint)
        yield {
          statement: statement.place,
          message: `every row of ${shownRelation(table)} is checked against ${parent === undefined ? 'its parent' : shownRelation(parent)} while writes to both wait`,
          safeSql: validateLater(shownRelation(table), constraint),
          rewrite: validateAfterwards(statement, shownRelation(table), constraint),
        }
      }
    }
  },
}

/** Foreign keys of a table that was there, from columns that were there, which are checked at once. */
function* listCheckedKeys(subject: LintSubject, statement: LintStatement) {
  const { before, after, isBusy } = subject
  const { effects, place, words } = statement
  for (const [key, old] of before.tables) {
    const table = after.tables.get(key)
    const locks = effects.locks.filter(({ relation }) => nameKey(relation) === key)
    const isLocked = locks.length > 0
    if (table === undefined || !isBusy(table, place) || !(isLocked || words().has(table.name))) continue
    for (const constraint of table.constraints.values()) {
      if (!constraint.definition.startsWith('FOREIGN KEY') || isNotValid(constraint)) continue
      if (old.constraints.has(constraint.name)) continue
      // The rows of a new column have the same value: null, which is checked against nothing.
      const isFilled = constraint.columns.every(
        (name) => old.columns.has(name) || table.columns.get(name)?.facets.has('default') === true,
      )
      // A function that is called names nothing: its lock shows it.
      const isOfFunction =
        /^(SELECT|CALL)$/.test(statement.facts.command) &&
        locks.some(({ mode }) => isStronger(mode, 'SHARE UPDATE EXCLUSIVE'))
      if (isFilled && (isOfFunction || adds(subject, statement, constraint))) yield { constraint, table }
    }
  }
}

/** Whether a statement adds a foreign key: by its name or columns; of code, by the words in it. */
function adds(
  { isTransaction }: LintSubject,
  statement: LintStatement,
  { name, columns }: ConstraintView,
): boolean {
  if (statement.facts.command !== 'ALTER TABLE')
    return columns.every((column) => statement.words().has(column))
  const added = listAddedConstraints(statement.tree())
  const hasDefault = (column: string) =>
    added.some((one) => one.column === column && one.constraint.contype === 'CONSTR_DEFAULT')
  return added.some(({ constraint, column }) => {
    if (constraint.contype !== 'CONSTR_FOREIGN') return false
    // A column of that name may have been there, and is renamed.
    if (column !== undefined && !hasDefault(column)) return false
    // It is validated in a transaction of its own.
    if (constraint.skip_validation === true && !isTransaction) return false
    if (constraint.conname !== undefined) return constraint.conname === name
    const own = column === undefined ? (constraint.fk_attrs ?? []).flatMap(stringOf) : [column]
    return own.length === columns.length && own.every((one) => columns.includes(one))
  })
}

/** NOT NULL that is checked against every row while everybody waits. */
export const notNullByScan: StepRule = {
  id: 'not-null-by-scan',
  severity: 'error',
  summary: 'NOT NULL is checked against every row while reads and writes wait.',
  *check(subject) {
    for (const { statement, table, causes } of listLockedScans(subject)) {
      if (!causes.has('not null')) continue
      const columns = listRequired(subject, statement, table)
      const [name = 'a column'] = columns
      yield {
        statement: statement.place,
        message: `every row of ${shownRelation(table)} is read for NOT NULL of ${shownName(name)} while reads and writes wait`,
        details: columns.slice(1).map((one) => `also of ${shownName(one)}`),
        safeSql: requireLater(shownRelation(table), name),
        rewrite: requireByCheck(statement, shownRelation(table), name),
      }
    }
  },
}

/** The columns that the statement names; of code, those that the migration leaves required. */
function listRequired(
  { before, after }: LintSubject,
  statement: LintStatement,
  table: TouchedRelation,
): readonly string[] {
  const named = listCommands(statement.tree()).flatMap(({ subtype, name }) =>
    subtype === 'AT_SetNotNull' && name !== undefined ? [name] : [],
  )
  if (named.length > 0) return named
  const old = before.tables.get(nameKey(table))
  return [...(after.tables.get(nameKey(table))?.columns ?? [])].flatMap(([name, column]) =>
    column.facets.has('not null') && old?.columns.get(name)?.facets.has('not null') === false ? [name] : [],
  )
}

function requireLater(table: string, column: string): string {
  const check = shownName(`${column}_is_set`)
  return inOwnMigrations(
    `-- @up\nALTER TABLE ${table} ADD CONSTRAINT ${check} CHECK (${shownName(column)} IS NOT NULL) NOT VALID;`,
    `-- @up\nALTER TABLE ${table} VALIDATE CONSTRAINT ${check};`,
    `-- @up\nALTER TABLE ${table} ALTER COLUMN ${shownName(column)} SET NOT NULL;\nALTER TABLE ${table} DROP CONSTRAINT ${check};`,
  )
}

function findAdded(
  { before, after }: LintSubject,
  table: TouchedRelation,
  isAsked: (constraint: ConstraintView) => boolean,
): ConstraintView | undefined {
  const old = before.tables.get(nameKey(table))
  return [...(after.tables.get(nameKey(table))?.constraints.values() ?? [])].find(
    (one) => isAsked(one) && !old?.constraints.has(one.name),
  )
}

function validateLater(table: string, { name, definition }: ConstraintView): string {
  const quoted = shownName(name)
  return inOwnMigrations(
    `-- @up\nALTER TABLE ${table} ADD CONSTRAINT ${quoted} ${definition} NOT VALID;`,
    `-- @up\nALTER TABLE ${table} VALIDATE CONSTRAINT ${quoted};`,
  )
}

/** Constraints that nobody has compared with the rows. */
export const notValidLeft: SchemaRule = {
  id: 'not-valid-left',
  severity: 'note',
  summary: 'A NOT VALID constraint is validated by no later migration.',
  *check({ schema, origin, isBusy }) {
    for (const table of schema.tables.values()) {
      for (const constraint of table.constraints.values()) {
        if (!isNotValid(constraint) || !isBusy(table)) continue
        const names = [table.name, constraint.name]
        const from = origin(constraint.object, { names }) ?? null
        if (from === null) continue
        yield {
          ...from,
          message: `${shownName(constraint.name)} of ${shownRelation(table)} holds for new rows alone: no later migration validates it`,
          safeSql: `-- @up\nALTER TABLE ${shownRelation(table)} VALIDATE CONSTRAINT ${shownName(constraint.name)};`,
        }
      }
    }
  },
}

/** Columns that every INSERT has to give, from one moment to the next. */
export const requiredColumn: StepRule = {
  id: 'required-column',
  severity: 'error',
  summary: 'A column is added that must have a value, and has no default.',
  *check({ before, after, isBusy, statements }): Iterable<Hit> {
    for (const [key, old] of before.tables) {
      const table = after.tables.get(key)
      if (table === undefined || table.kind !== 'table' || !isBusy(table) || isFilledByTrigger(table))
        continue
      for (const [name, { facets }] of table.columns) {
        const isFilled = ['default', 'generated', 'identity', 'inherited'].some((facet) => facets.has(facet))
        if (old.columns.has(name) || !facets.has('not null') || isFilled) continue
        const statement = statements.find(({ words }) => words().has(table.name) && words().has(name))
        // A renamed column was there.
        if (statement === undefined || /\bRENAME\b/i.test(statement.text)) continue
        yield {
          statement: statement.place,
          message: `${shownName(name)} of ${shownRelation(table)} must have a value: ${isFilledLater(statements, name) ? '' : 'adding it fails on a table with rows, and '}inserts of running code fail`,
          safeSql: addRequired(shownRelation(table), shownName(name), facets.get('type') ?? 'text'),
        }
      }
    }
  },
}

/** Whether a later statement than that which adds a column requires it, so that it can be filled between them. */
function isFilledLater(statements: readonly LintStatement[], column: string): boolean {
  const place = (isAsked: (command: ReturnType<typeof listCommands>[number]) => boolean) =>
    statements.findIndex(
      ({ facts, tree }) => facts.command === 'ALTER TABLE' && listCommands(tree()).some(isAsked),
    )
  const added = place(
    ({ subtype, def }) =>
      subtype === 'AT_AddColumn' &&
      def !== undefined &&
      'ColumnDef' in def &&
      def.ColumnDef.colname === column,
  )
  return place(({ subtype, name }) => subtype === 'AT_SetNotNull' && name === column) > added
}

function isFilledByTrigger({ triggers }: TableView): boolean {
  return triggers.some(({ facets }) => / BEFORE INSERT\b/.test(facets.get('definition') ?? ''))
}

function addRequired(table: string, column: string, type: string): string {
  const check = shownName(`${column.replaceAll('"', '')}_is_set`)
  return inOwnMigrations(
    `-- @up\nALTER TABLE ${table} ADD COLUMN ${column} ${type};\n-- fill it in batches, and have the application write it`,
    `-- @up\nALTER TABLE ${table} ADD CONSTRAINT ${check} CHECK (${column} IS NOT NULL) NOT VALID;`,
    `-- @up\nALTER TABLE ${table} VALIDATE CONSTRAINT ${check};`,
    `-- @up\nALTER TABLE ${table} ALTER COLUMN ${column} SET NOT NULL;\nALTER TABLE ${table} DROP CONSTRAINT ${check};`,
  )
}
