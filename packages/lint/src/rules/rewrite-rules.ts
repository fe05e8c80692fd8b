import type { TouchedRelation } from '@tidemark/core'
import { nameKey, shownName, shownRelation } from '../catalog/names.ts'
import type { Hit, StepRule } from '../model/rule.ts'
import type { LintStatement } from '../subject/lint-statement.ts'
import type { LintSubject } from '../subject/lint-subject.ts'
import { listCommands } from '../tree/walk.ts'
import { listLockedScans } from './constraint-rules.ts'
import { listTruncated } from './row-changes.ts'
import { inOwnMigrations } from './safe-sql.ts'

/** Commands that give a table a new file without copying it, or that a rule of their own is about. */
const NO_REWRITE: ReadonlySet<string> = new Set(['TRUNCATE', 'REFRESH'])

/** A table of which a statement writes every row anew. */
interface Rewrite {
  readonly statement: LintStatement
  readonly table: TouchedRelation
  /** Columns whose type changes. */
  readonly changed: readonly ChangedColumn[]
  /** New columns that have a value in every row. */
  readonly filled: readonly string[]
}

interface ChangedColumn {
  readonly name: string
  readonly from: string
  readonly to: string
}

function* listRewrites(subject: LintSubject): Generator<Rewrite> {
  for (const statement of subject.statements) {
    if (NO_REWRITE.has(statement.facts.command)) continue
    const emptied = new Set(listTruncated(subject.parser, statement).map(({ name }) => name))
    for (const table of statement.effects.rewrites) {
      if (table.isNew || emptied.has(table.name) || !subject.isBusy(table, statement.place)) continue
      const changed = listChanged(subject, statement, table)
      yield { statement, table, changed, filled: listFilled(subject, statement, table) }
    }
  }
}

/** Whether a statement may change the type of a column: code in DO blocks and functions may do anything. */
function isTyped(statement: LintStatement, column: string): boolean {
  const tree = statement.tree()
  if (tree === undefined || !('AlterTableStmt' in tree)) return !statement.facts.command.startsWith('ALTER')
  return listCommands(tree).some(({ subtype, name }) => subtype === 'AT_AlterColumnType' && name === column)
}

function listChanged(
  { before, after }: LintSubject,
  statement: LintStatement,
  table: TouchedRelation,
): readonly ChangedColumn[] {
  const old = before.tables.get(nameKey(table))
  return [...(after.tables.get(nameKey(table))?.columns ?? [])].flatMap(([name, { facets }]) => {
    const from = old?.columns.get(name)?.facets.get('type')
    const to = facets.get('type') ?? ''
    // A type of the same name may be another one, as after a swap of enums.
    const isSame = from === to && !statement.facts.command.startsWith('ALTER TABLE')
    return from === undefined || isSame || !isTyped(statement, name) ? [] : [{ name, from, to }]
  })
}

function listFilled(
  { before, after }: LintSubject,
  { words }: LintStatement,
  table: TouchedRelation,
): readonly string[] {
  const old = before.tables.get(nameKey(table))
  return [...(after.tables.get(nameKey(table))?.columns ?? [])].flatMap(([name, { facets }]) => {
    const isFilled =
      facets.has('default') ||
      facets.has('identity') ||
      facets.get('generated')?.startsWith('stored') === true ||
      /\./.test(facets.get('type') ?? '')
    return isFilled && words().has(name) && old?.columns.has(name) === false ? [name] : []
  })
}

/** Columns whose default is computed for every row. */
export const volatileDefault: StepRule = {
  id: 'volatile-default',
  severity: 'error',
  summary: 'A new column has a value of its own in every row, so the table is written anew.',
  *check(subject) {
    for (const { statement, table, filled, changed } of listRewrites(subject)) {
      const [name] = filled
      if (name === undefined || changed.length > 0) continue
      const shown = shownRelation(table)
      const facets = subject.after.tables.get(nameKey(table))?.columns.get(name)?.facets
      const type = facets?.get('type') ?? 'text'
      const fallback = facets?.get('default')
      yield {
        statement: statement.place,
        message: `every row of ${shown} is written anew for the values of ${shownName(name)}, while reads and writes wait`,
        safeSql:
          fallback === undefined || fallback.startsWith('nextval(')
            ? undefined
            : inOwnMigrations(
                `-- @up\nALTER TABLE ${shown} ADD COLUMN ${shownName(name)} ${type};\nALTER TABLE ${shown} ALTER COLUMN ${shownName(name)} SET DEFAULT ${fallback};`,
                `-- fill the old rows in batches\n-- @up\nUPDATE ${shown} SET ${shownName(name)} = ${fallback} WHERE ${shownName(name)} IS NULL;`,
              ),
      }
    }
  },
}

/** Types whose change writes every row anew. */
export const typeChangeRewrite: StepRule = {
  id: 'type-change-rewrite',
  severity: 'error',
  summary: 'A change of type writes every row anew while reads and writes wait.',
  *check(subject) {
    for (const { statement, table, changed } of listRewrites(subject)) {
      const [first] = changed
      if (first === undefined) continue
      yield {
        statement: statement.place,
        message: `every row of ${shownRelation(table)} is written anew to change ${describeChange(first)}, while reads and writes wait`,
        details: changed.slice(1).map((one) => `also ${describeChange(one)}`),
        safeSql: newColumn(shownRelation(table), first),
      }
    }
  },
}

function describeChange({ name, from, to }: ChangedColumn): string {
  return from === to ? `the type of ${shownName(name)}` : `${shownName(name)} from ${from} to ${to}`
}

function newColumn(table: string, { name, to }: ChangedColumn): string {
  const added = shownName(`${name}_new`)
  return inOwnMigrations(
    `-- @up\nALTER TABLE ${table} ADD COLUMN ${added} ${to};\n-- have the application write both columns`,
    `-- fill the old rows in batches\n-- @up\nUPDATE ${table} SET ${added} = ${shownName(name)} WHERE ${added} IS NULL;`,
    '-- have the application read the new column, then drop the old one',
  )
}

/** Types whose change reads every row. */
export const typeChangeScan: StepRule = {
  id: 'type-change-scan',
  severity: 'error',
  summary: 'A change of type reads every row, or builds indexes anew, while reads and writes wait.',
  *check(subject): Iterable<Hit> {
    for (const { statement, table, causes } of listLockedScans(subject)) {
      if (!causes.has('type change')) continue
      yield {
        statement: statement.place,
        message: `every row of ${shownRelation(table)} is read for the new type, while reads and writes wait`,
      }
    }
    for (const statement of subject.statements) {
      if (
        !listCommands(statement.facts.command === 'ALTER TABLE' ? statement.tree() : undefined).some(
          ({ subtype }) => subtype === 'AT_AlterColumnType',
        )
      )
        continue
      const built = statement.effects.indexBuilds.filter(
        ({ index, table }) => !index.isNew && !table.isNew && subject.isBusy(table, statement.place),
      )
      const [first] = built
      if (first === undefined) continue
      yield {
        statement: statement.place,
        message: `the new type builds the index ${shownName(first.index.name)} of ${shownRelation(first.table)} anew, while reads and writes wait`,
        details: built.slice(1).map(({ index }) => `also ${shownName(index.name)}`),
      }
    }
  },
}

/** Everything else that writes a table anew. */
export const rewrite: StepRule = {
  id: 'rewrite',
  severity: 'error',
  summary: 'A table is written anew while reads and writes wait.',
  *check(subject) {
    for (const { statement, table, changed, filled } of listRewrites(subject)) {
      if (changed.length > 0 || filled.length > 0) continue
      yield {
        statement: statement.place,
        message: `${statement.facts.command} writes every row of ${shownRelation(table)} anew, while reads and writes wait`,
      }
    }
  },
}
