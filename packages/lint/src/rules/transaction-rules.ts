import { isStronger, type TouchedRelation } from '@tidemark/core'
import type { TableView } from '../catalog/catalog-view.ts'
import { nameKey, shownRelation, splitIdentifiers } from '../catalog/names.ts'
import type { Hit, StepRule } from '../model/rule.ts'
import type { LintStatement } from '../subject/lint-statement.ts'
import type { LintSubject } from '../subject/lint-subject.ts'
import { toBatchFile } from './batch-file.ts'
import { isBounded, isByKey, listRowChanges } from './row-changes.ts'
import { inOwnMigrations } from './safe-sql.ts'

const STORED: ReadonlySet<string> = new Set(['table', 'partitioned table', 'materialized view'])

/** Tables that a statement locks so that at least writes wait, and that others use. */
function listLocked(
  subject: LintSubject,
  { effects, place }: LintStatement,
  isAsked: (mode: LintStatement['effects']['locks'][number]['mode']) => boolean,
): readonly TouchedRelation[] {
  return effects.locks
    .filter(({ mode, relation }) => isAsked(mode) && STORED.has(relation.kind) && !relation.isNew)
    .map(({ relation }) => relation)
    .filter((relation) => subject.isBusy(relation, place))
}

const isAccessExclusive = (mode: string) => mode === 'ACCESS EXCLUSIVE'
const blocksWrites = (mode: Parameters<typeof isStronger>[0]) => isStronger(mode, 'SHARE UPDATE EXCLUSIVE')

/** Several tables that nobody can read until the last statement is done. */
export const locksManyTables: StepRule = {
  id: 'locks-many-tables',
  severity: 'warning',
  summary: 'One transaction takes ACCESS EXCLUSIVE on several tables, and holds all of them to its end.',
  *check(subject) {
    if (!subject.isTransaction) return
    const locked = new Map<string, { readonly table: TouchedRelation; readonly place: number }>()
    for (const statement of subject.statements) {
      for (const table of listLocked(subject, statement, isAccessExclusive)) {
        if (!locked.has(nameKey(table))) locked.set(nameKey(table), { table, place: statement.place })
      }
    }
    // Partitions are locked with their parent.
    const own = [...locked.values()].filter(
      ({ table }) => !listParents(subject, table).some((key) => locked.has(key)),
    )
    const last = own.at(-1)
    if (own.length < 2 || last === undefined) return
    const names = own.map(({ table }) => shownRelation(table))
    yield {
      statement: last.place,
      message: `nobody reads or writes ${names.slice(0, 4).join(', ')}${names.length > 4 ? ` and ${names.length - 4} more` : ''} until the last statement is done`,
      safeSql: inOwnMigrations(...names.map((name) => `-- what is done to ${name}`)),
    }
  },
}

function listParents({ before }: LintSubject, table: TouchedRelation): readonly string[] {
  const parts = splitIdentifiers(before.tables.get(nameKey(table))?.object.facets.get('inherits') ?? '')
  return parts.flatMap((schema, place) =>
    place % 2 === 0 ? [nameKey({ schema, name: parts[place + 1] ?? '' })] : [],
  )
}

/** Tables that are locked and that no word of the statement names. */
export const locksUnnamedTable: StepRule = {
  id: 'locks-unnamed-table',
  severity: 'warning',
  summary: 'A statement locks a table that it does not name.',
  *check(subject) {
    for (const statement of subject.statements) {
      const { place, facts, words } = statement
      if (facts.command === 'DROP INDEX' || facts.command === 'TRUNCATE') continue
      const unnamed = listLocked(subject, statement, blocksWrites).filter(
        (table) => !words().has(table.name) && !isNamedWith(subject, table, words()),
      )
      if (unnamed.length === 0) continue
      const [first] = unnamed
      const mode = statement.effects.locks.find(({ relation }) => relation === first)?.mode
      yield {
        statement: place,
        message: `${facts.command} takes ${mode} on ${unnamed.map(shownRelation).join(', ')}, which it does not name`,
        details: mode === 'ACCESS EXCLUSIVE' ? ['reads and writes of it wait'] : ['writes of it wait'],
      }
    }
  },
}

/** A partition with its parent; what follows from an index, a trigger or a policy that is named. */
function isNamedWith(subject: LintSubject, table: TouchedRelation, words: ReadonlySet<string>): boolean {
  const parents = listParents(subject, table).map((key) => key.split('\0')[1] ?? '')
  const view = subject.before.tables.get(nameKey(table))
  return parents.some((name) => words.has(name)) || view?.indexes.some(({ name }) => words.has(name)) === true
}

/** Long work while nobody can use a table that an earlier statement has locked. */
export const workUnderLock: StepRule = {
  id: 'work-under-lock',
  severity: 'warning',
  summary:
    'A statement works through a table while an earlier one keeps everybody out of another or the same.',
  *check(subject) {
    if (!subject.isTransaction) return
    let locked: TouchedRelation | undefined
    for (const statement of subject.statements) {
      const work = locked === undefined ? undefined : findWork(subject, statement)
      if (locked !== undefined && work !== undefined) {
        yield {
          statement: statement.place,
          message: `nobody reads or writes ${shownRelation(locked)} while ${work}`,
          safeSql: inOwnMigrations(`-- what locks ${shownRelation(locked)}`, `-- @up\n${statement.text}`),
        }
        return
      }
      locked ??= listLocked(subject, statement, isAccessExclusive)[0]
    }
  },
}

function findWork(subject: LintSubject, statement: LintStatement): string | undefined {
  const { effects, facts, place } = statement
  if (facts.command === 'TRUNCATE') return undefined
  const isOld = (table: TouchedRelation) => !table.isNew && subject.isBusy(table, place)
  const built = effects.indexBuilds.find(({ table }) => isOld(table))
  if (built !== undefined) return `an index of ${shownRelation(built.table)} is built`
  const rewritten = effects.rewrites.find(isOld)
  if (rewritten !== undefined) return `${shownRelation(rewritten)} is written anew`
  const read = /^ALTER/.test(facts.command) ? effects.scans.find(isOld) : undefined
  return read && `every row of ${shownRelation(read)} is read`
}

/** Rows that are changed in the transaction that locks tables. */
export const dataAndSchema: StepRule = {
  id: 'data-and-schema',
  severity: 'warning',
  summary:
    'One transaction changes rows of a table and locks a table, so the lock lasts as long as the change.',
  *check(subject) {
    if (!subject.isTransaction) return
    const locks = subject.statements.flatMap((statement) =>
      listLocked(subject, statement, blocksWrites).map((table) => ({ statement, table })),
    )
    const [lock] = locks
    if (lock === undefined) return
    for (const statement of subject.statements) {
      const written = findWritten(subject, statement)
      if (written === undefined) continue
      yield {
        statement: statement.place,
        message: `rows of ${shownRelation(written)} are changed in the transaction that locks ${shownRelation(lock.table)}`,
        details: [`locked by ${lock.statement.facts.command} at statement ${lock.statement.place + 1}`],
        safeSql: inOwnMigrations('-- what changes the schema', `-- @up\n${statement.text}`),
      }
      return
    }
  },
}

/** A table of which a statement may change many rows. */
function findWritten(subject: LintSubject, statement: LintStatement): TableView | undefined {
  const { facts, effects, place } = statement
  if (facts.command === 'DO' || facts.command === 'CALL') {
    const written = effects.locks.find(
      ({ mode, relation }) =>
        mode === 'ROW EXCLUSIVE' &&
        STORED.has(relation.kind) &&
        !relation.isNew &&
        subject.isBusy(relation, place),
    )
    if (written !== undefined) return subject.resolve(written.relation)
  }
  for (const { table: name, where } of listRowChanges(subject, statement)) {
    const table = subject.resolve(name)
    if (table !== undefined && subject.isBusy(table, place) && !isByKey(where, table)) return table
  }
  return undefined
}

/** Rows that are changed all at once. */
export const unbatchedDml: StepRule = {
  id: 'unbatched-dml',
  severity: 'warning',
  summary: 'An UPDATE or DELETE changes many rows of a large table at once.',
  *check(subject): Iterable<Hit> {
    for (const statement of subject.statements) {
      const found = listRowChanges(subject, statement).flatMap((change) => {
        const table = subject.resolve(change.table)
        const isLarge = table?.kind === 'table' && subject.isBusy(table, statement.place)
        return isLarge && change.verb !== 'INSERT' && !isBounded(subject, change.where, table)
          ? [{ change, table }]
          : []
      })
      const [first] = found
      if (first === undefined) continue
      const { change, table } = first
      yield {
        statement: statement.place,
        message: `${change.verb} may change every row of ${shownRelation(table)} at once, and locks each until the end`,
        safeSql: toBatchFile(change, table),
      }
    }
  },
}

/** New labels of an enum that are used before they are committed. */
export const enumValueUsed: StepRule = {
  id: 'enum-value-used',
  severity: 'error',
  summary: 'A new value of an enum is used in the transaction that adds it.',
  *check({ statements, isTransaction, before }) {
    if (!isTransaction) return
    const added = new Map<string, { readonly type: string; readonly place: number }>()
    for (const { place, facts, tree, text } of statements) {
      for (const [value, { type, place: from }] of added) {
        if (from < place && hasLiteral(text, value)) {
          yield {
            statement: place,
            message: `'${value}' of ${type} is used in the transaction that adds it, which PostgreSQL refuses`,
            safeSql: inOwnMigrations(`-- @up\n${statements[from]?.text ?? ''}`, `-- @up\n${text}`),
          }
          added.delete(value)
        }
      }
      const node = facts.command === 'ALTER TYPE' ? tree() : undefined
      if (node === undefined || !('AlterEnumStmt' in node)) continue
      const { newVal, oldVal, typeName } = node.AlterEnumStmt
      const names = (typeName ?? []).flatMap((name) => ('String' in name ? [name.String.sval ?? ''] : []))
      const type = names.at(-1) ?? ''
      // A type that the transaction makes itself is no matter.
      const isOld = [...before.catalog.objects.values()].some(
        ({ kind, id }) => kind !== 'column' && splitIdentifiers(id)[1] === type,
      )
      if (newVal !== undefined && oldVal === undefined && isOld) added.set(newVal, { type, place })
    }
  },
}

function hasLiteral(text: string, value: string): boolean {
  return text.includes(`'${value.replaceAll("'", "''")}'`)
}
