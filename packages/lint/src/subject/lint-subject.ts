import type { LockMode, Migration } from '@tidemark/core'
import { isStronger } from '@tidemark/core'
import type { Node } from 'libpg-query'
import { type CatalogView, type TableView, viewCatalog } from '../catalog/catalog-view.ts'
import { type Named, nameKey } from '../catalog/names.ts'
import type { SqlParser } from '../tree/parser.ts'
import { nameOfRange, type WrittenName } from '../tree/walk.ts'
import { assumeEffects } from './assume-effects.ts'
import { type LintStatement, readStatementTexts, type StatementText } from './lint-statement.ts'
import type { LintedMigration } from './linted-migration.ts'
import type { PlanTables } from './plan-tables.ts'

/** One migration, for the rules on what it does. */
export interface LintSubject {
  readonly migration: Migration
  readonly statements: readonly LintStatement[]
  readonly before: CatalogView
  readonly after: CatalogView
  /** Whether it runs in one transaction. */
  readonly isTransaction: boolean
  readonly parser: SqlParser
  /**
   * Whether others use a table and its size matters: it was there before the plan, and is not known to be empty
   * or small.
   */
  isBusy(table: Named, place?: number): boolean
  /** The table that a name means: of the schema before the migration, else after it. */
  resolve(name: WrittenName | undefined): TableView | undefined
  /** The strongest lock that the transaction holds on each table before a statement, by `nameKey`. */
  heldBefore(place: number): ReadonlyMap<string, LockMode>
}

/** Puts together what rules look at. */
export function makeSubject(
  { migration, before, after, observed }: LintedMigration,
  tables: PlanTables,
  parser: SqlParser,
): LintSubject {
  const [viewBefore, viewAfter] = [viewCatalog(before), viewCatalog(after)]
  const resolve = (name: WrittenName | undefined) =>
    name && (findTable(viewBefore, name) ?? findTable(viewAfter, name))
  const texts = readStatementTexts(migration, parser)
  const effects = new Map(observed?.map((one) => [one.statement, one.effects]))
  const statements = texts.map((text): LintStatement => {
    const seen = effects.get(text.place)
    return {
      ...text,
      effects:
        seen ??
        assumeEffects({
          facts: text.facts,
          tree: text.tree(),
          before: viewBefore,
          earlier: texts.slice(0, text.place).map(({ tree }) => tree()),
          resolve,
        }),
    }
  })
  const isTransaction = migration.header.transaction === 'required'
  const renamed = listRenames(texts, viewBefore)
  const truncated = listTruncated(texts, resolve)
  return {
    migration,
    statements,
    before: viewBefore,
    after: viewAfter,
    isTransaction,
    parser,
    resolve,
    isBusy: (table, place = Number.POSITIVE_INFINITY) => {
      const key = nameKey(table)
      const old = renamed.get(key) ?? key
      return (
        viewBefore.tables.has(old) &&
        tables.isBusy(old) &&
        !((truncated.get(old) ?? Number.POSITIVE_INFINITY) < place)
      )
    },
    heldBefore: (place) => (isTransaction ? heldBefore(statements, place) : new Map()),
  }
}

/** Finds a table by a name that may lack its schema: in `public`, else in the only schema that has it. */
export function findTable({ tables }: CatalogView, { schema, name }: WrittenName): TableView | undefined {
  const found = tables.get(nameKey({ schema: schema ?? 'public', name }))
  if (found !== undefined || schema !== undefined) return found
  const same = [...tables.values()].filter((table) => table.name === name)
  return same.length === 1 ? same[0] : undefined
}

/** The old name of what the migration renames, by its new one. */
export function listRenames(
  statements: readonly StatementText[],
  before: CatalogView,
): ReadonlyMap<string, string> {
  const renamed = new Map<string, string>()
  const resolveIn = (name: WrittenName | undefined) => name && findTable(before, name)
  for (const statement of statements.filter(({ facts }) => facts.command.startsWith('ALTER '))) {
    const tree = statement.tree()
    if (tree === undefined) continue
    const renaming = readRename(tree)
    const table = renaming && resolveIn(renaming.from)
    if (renaming === undefined || table === undefined) continue
    const { schema = table.schema, name = table.name } = renaming.to
    renamed.set(nameKey({ schema, name }), nameKey(table))
  }
  return renamed
}

/** What a statement calls a relation from now on. */
function readRename(tree: Node) {
  if ('RenameStmt' in tree && tree.RenameStmt.subname === undefined) {
    return {
      from: nameOfRange(tree.RenameStmt.relation),
      to: { schema: undefined, name: tree.RenameStmt.newname },
    }
  }
  if (!('AlterObjectSchemaStmt' in tree)) return undefined
  const { relation, newschema } = tree.AlterObjectSchemaStmt
  return { from: nameOfRange(relation), to: { schema: newschema, name: undefined } }
}

/** The place of the first TRUNCATE of each table, unless rows are added after it. */
function listTruncated(
  statements: readonly StatementText[],
  resolve: LintSubject['resolve'],
): ReadonlyMap<string, number> {
  const truncated = new Map<string, number>()
  for (const { place, facts } of statements) {
    for (const one of facts.destructions) {
      if (one.kind !== 'truncate') continue
      for (const { schema, name } of one.tables) {
        const table = resolve({ schema, name })
        if (table !== undefined && !truncated.has(nameKey(table))) truncated.set(nameKey(table), place)
      }
    }
    if (facts.loadsData && truncated.size > 0) truncated.clear()
  }
  return truncated
}

function heldBefore(statements: readonly LintStatement[], place: number): ReadonlyMap<string, LockMode> {
  const held = new Map<string, LockMode>()
  for (const { effects } of statements.slice(0, place)) {
    for (const { relation, mode } of effects.locks) {
      const key = nameKey(relation)
      if (isStronger(mode, held.get(key))) held.set(key, mode)
    }
  }
  return held
}
