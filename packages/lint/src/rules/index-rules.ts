import type { BuiltIndex } from '@tidemark/core'
import { nameKey, shownName, shownRelation } from '../catalog/names.ts'
import type { Hit, StepRule } from '../model/rule.ts'
import type { LintStatement } from '../subject/lint-statement.ts'
import type { LintSubject } from '../subject/lint-subject.ts'
import { nameOfRange } from '../tree/walk.ts'
import { createConcurrently, dropConcurrently, useBuiltIndex } from './mechanical.ts'
import { concurrently, inOwnMigrations, withoutTransaction } from './safe-sql.ts'

/** Commands whose index builds are part of something else, which has a rule of its own. */
const OTHER_RULES: ReadonlySet<string> = new Set([
  'TRUNCATE',
  'REFRESH',
  'CLUSTER',
  'VACUUM',
  'ALTER TABLE',
  'ALTER FOREIGN TABLE',
])

const CONCURRENTLY = /\bCONCURRENTLY\b/i

/** Indexes built while writers wait. */
export const indexNotConcurrent: StepRule = {
  id: 'index-not-concurrent',
  severity: 'error',
  summary: 'An index is built on a table with rows while writes wait.',
  *check(subject) {
    for (const statement of subject.statements) {
      if (OTHER_RULES.has(statement.facts.command) || CONCURRENTLY.test(statement.text)) continue
      const built = listBuilt(subject, statement).filter((one) => constraintOf(subject, one) === undefined)
      const [first, ...others] = built
      if (first === undefined) continue
      const index = subject.after.indexes.get(nameKey(first.index))
      // A new index may have the name of one that was dropped or renamed.
      const again = subject.before.indexes.has(nameKey(first.index)) && !isCreated(statement)
      yield {
        statement: statement.place,
        message: `${again ? 'rebuilding' : 'building'} the index ${shownName(first.index.name)} blocks writes to ${shownRelation(first.table)} until it is done`,
        details: others.map(
          ({ index: one, table }) => `also ${shownName(one.name)} on ${shownRelation(table)}`,
        ),
        safeSql: again
          ? withoutTransaction(`REINDEX INDEX CONCURRENTLY ${shownRelation(first.index)};`)
          : index && withoutTransaction(concurrently(index.definition)),
        rewrite: others.length === 0 ? createConcurrently(statement, first.index.name) : undefined,
      }
    }
  },
}

function isCreated({ tree }: LintStatement): boolean {
  const node = tree()
  return node !== undefined && 'IndexStmt' in node
}

function listBuilt({ isBusy }: LintSubject, { effects, place }: LintStatement): readonly BuiltIndex[] {
  return effects.indexBuilds.filter(({ table }) => !table.isNew && isBusy(table, place))
}

function constraintOf({ after }: LintSubject, { index }: BuiltIndex): string | undefined {
  return after.indexes.get(nameKey(index))?.constraint
}

/** Constraints that build their index while everybody waits. */
export const constraintBuildsIndex: StepRule = {
  id: 'constraint-builds-index',
  severity: 'error',
  summary: 'A constraint builds its index on a table with rows while reads and writes wait.',
  *check(subject) {
    const { before, after, isBusy } = subject
    for (const statement of subject.statements) {
      const built = listBuilt(subject, statement).filter((one) => constraintOf(subject, one) !== undefined)
      for (const { index, table } of built) {
        const view = after.indexes.get(nameKey(index))
        if (view === undefined || before.indexes.has(nameKey(index)) || !isBusy(table, statement.place))
          continue
        const kind = after.tables.get(nameKey(table))?.constraints.get(index.name)?.definition ?? ''
        yield {
          statement: statement.place,
          message: `the constraint ${shownName(index.name)} builds its index while reads and writes of ${shownRelation(table)} wait`,
          safeSql: useIndex(kind, view.definition, {
            table: shownRelation(table),
            name: shownName(index.name),
          }),
          rewrite: useBuiltIndex(statement, shownRelation(table), {
            name: index.name,
            definition: kind,
            index: view.definition,
          }),
        }
      }
    }
  },
}

function useIndex(
  definition: string,
  index: string,
  { table, name }: { readonly table: string; readonly name: string },
): string | undefined {
  // No index can be given to an EXCLUDE constraint.
  const [, kind] = /^(PRIMARY KEY|UNIQUE)/.exec(definition) ?? []
  if (kind === undefined) return undefined
  return inOwnMigrations(
    withoutTransaction(concurrently(index)),
    `-- @up\nALTER TABLE ${table} ADD CONSTRAINT ${name} ${kind} USING INDEX ${name};`,
  )
}

/** Indexes dropped while everybody waits. */
export const dropIndexNotConcurrent: StepRule = {
  id: 'drop-index-not-concurrent',
  severity: 'warning',
  summary: 'An index is dropped while reads and writes of its table wait.',
  *check({ before, after, statements, isBusy }) {
    for (const [key, index] of before.indexes) {
      if (after.indexes.has(key) || index.constraint !== undefined || !isBusy(index.table)) continue
      // An index goes with its table.
      if (!after.tables.has(nameKey(index.table))) continue
      const statement = statements.find(
        ({ facts, words, tree }) =>
          words().has(index.name) && /^DROP INDEX|^DO$|^SELECT$/.test(facts.command) && !isConcurrent(tree()),
      )
      if (statement === undefined) continue
      yield {
        statement: statement.place,
        message: `dropping the index ${shownName(index.name)} waits for every query of ${shownRelation(index.table)}, and new ones wait behind it`,
        safeSql: withoutTransaction(`DROP INDEX CONCURRENTLY ${shownRelation(index)};`),
        rewrite: dropConcurrently(statement),
      }
    }
  },
}

function isConcurrent(tree: ReturnType<LintStatement['tree']>): boolean {
  return tree !== undefined && 'DropStmt' in tree && tree.DropStmt.concurrent === true
}

/** Materialized views refreshed while readers wait. */
export const refreshNotConcurrent: StepRule = {
  id: 'refresh-not-concurrent',
  severity: 'warning',
  summary: 'A materialized view is refreshed while its readers wait.',
  *check({ statements, resolve, before, isBusy }) {
    for (const statement of statements.filter(({ facts }) => facts.command === 'REFRESH')) {
      const tree = statement.tree()
      if (tree === undefined || !('RefreshMatViewStmt' in tree)) continue
      const { relation, concurrent, skipData } = tree.RefreshMatViewStmt
      const view = resolve(nameOfRange(relation))
      if (view === undefined || concurrent === true || skipData === true) continue
      if (!before.tables.has(nameKey(view)) || !isBusy(view)) continue
      const hasKey = view.indexes.some(
        ({ definition }) => /^CREATE UNIQUE /.test(definition) && !/ WHERE /.test(definition),
      )
      yield {
        statement: statement.place,
        message: `readers of ${shownRelation(view)} wait until it is computed anew`,
        details: hasKey
          ? []
          : ['CONCURRENTLY needs a unique index over columns of the view, without a condition'],
        safeSql: `REFRESH MATERIALIZED VIEW CONCURRENTLY ${shownRelation(view)};`,
      }
    }
  },
}

/** Statements that Tidemark repeats when it does not know whether they were done. */
const REPEATED: ReadonlySet<string> = new Set(['DO', 'CALL'])

/** Concurrent operations beside statements that are not safe to resume. */
export const concurrentNotResumable: StepRule = {
  id: 'concurrent-not-resumable',
  severity: 'warning',
  summary: 'A concurrent operation shares its file with statements that cannot be resumed.',
  *check({ statements, isTransaction }): Iterable<Hit> {
    if (isTransaction) return
    const concurrent = statements.find(({ text }) => CONCURRENTLY.test(text))
    if (concurrent === undefined) return
    for (const { place, facts } of statements) {
      const isTemporary = facts.createdTable?.temporary === true
      const isHeld = facts.sessionTouches.some(({ kind }) => kind === 'cursor' || kind === 'temporary_object')
      if (!isTemporary && !isHeld && !REPEATED.has(facts.command)) continue
      yield {
        statement: place,
        message:
          isTemporary || isHeld
            ? 'what this statement makes ends with its session, so the file cannot be resumed when the concurrent operation in it fails'
            : `${facts.command} may run twice when the concurrent operation in its file fails and the file is resumed`,
        safeSql: inOwnMigrations(withoutTransaction(concurrent.text), 'the other statements'),
      }
    }
  },
}
