import type { LockMode, StatementEffects, StatementFacts, TouchedRelation } from '@tidemark/core'
import type { Node } from 'libpg-query'
import type { CatalogView, TableView } from '../catalog/catalog-view.ts'
import { nameKey, shownName } from '../catalog/names.ts'
import { columnOf, listAddedConstraints, listCommands, nameOfRange, type WrittenName } from '../tree/walk.ts'

/** What {@link assumeEffects} goes by. */
export interface AssumedOf {
  readonly facts: StatementFacts
  readonly tree: Node | undefined
  readonly before: CatalogView
  /** The statements before it. */
  readonly earlier: readonly (Node | undefined)[]
  resolve(name: WrittenName): TableView | undefined
}

/** What a statement does by its text, where it was not observed: the common cases, and never more than these. */
export function assumeEffects({ facts, tree, before, earlier, resolve }: AssumedOf): StatementEffects {
  const touch = (name: WrittenName | undefined): readonly TouchedRelation[] => {
    const table = name === undefined ? undefined : resolve(name)
    if (table === undefined) return []
    return [{ schema: table.schema, name: table.name, kind: 'table', isNew: !isIn(before, table) }]
  }
  const build = facts.indexBuild
  return {
    locks: facts.strongLocks.flatMap(({ relation, mode }) =>
      touch(relation).map((table) => ({ relation: table, mode: mode satisfies LockMode })),
    ),
    rewrites: listRewritten(tree).flatMap(touch),
    scans: listScanned(tree, (name, column) => isProven({ before, earlier, resolve }, name, column)).flatMap(
      touch,
    ),
    indexBuilds:
      build === undefined || build.concurrently || build.only
        ? []
        : touch(build.table).map((table) => ({
            table,
            index: { schema: table.schema, name: build.name ?? '', kind: 'index', isNew: true },
          })),
    rows: [],
  }
}

function isIn({ tables }: CatalogView, { schema, name }: TableView): boolean {
  return tables.has(`${schema}\0${name}`)
}

/** VACUUM FULL and CLUSTER. */
function listRewritten(tree: Node | undefined): readonly (WrittenName | undefined)[] {
  if (tree === undefined) return []
  if ('ClusterStmt' in tree) return [nameOfRange(tree.ClusterStmt.relation)]
  if (!('VacuumStmt' in tree)) return []
  const { options = [], rels = [] } = tree.VacuumStmt
  const isFull = options.some((one) => 'DefElem' in one && one.DefElem.defname === 'full')
  if (!isFull) return []
  return rels.map((one) => ('VacuumRelation' in one ? nameOfRange(one.VacuumRelation.relation) : undefined))
}

/** SET NOT NULL, and constraints that are checked at once. */
function listScanned(
  tree: Node | undefined,
  isRequiredBefore: (table: WrittenName, column: string) => boolean,
): readonly (WrittenName | undefined)[] {
  if (tree === undefined || !('AlterTableStmt' in tree)) return []
  const table = nameOfRange(tree.AlterTableStmt.relation)
  const isChecked = listAddedConstraints(tree).some(
    ({ constraint: { contype, skip_validation }, column }) =>
      column === undefined &&
      skip_validation !== true &&
      (contype === 'CONSTR_CHECK' || contype === 'CONSTR_FOREIGN'),
  )
  const isRequired = listCommands(tree).some(
    ({ subtype, name }) =>
      subtype === 'AT_SetNotNull' &&
      (table === undefined || name === undefined || !isRequiredBefore(table, name)),
  )
  return isChecked || isRequired ? [table] : []
}

/** Whether a CHECK that was validated before says that a column is set: then `SET NOT NULL` reads no row. */
function isProven(
  { before, earlier, resolve }: Pick<AssumedOf, 'before' | 'earlier' | 'resolve'>,
  name: WrittenName,
  column: string,
): boolean {
  const table = resolve(name)
  const own = earlier.filter(
    (tree) =>
      tree !== undefined &&
      'AlterTableStmt' in tree &&
      resolve(nameOfRange(tree.AlterTableStmt.relation) ?? name) === table,
  )
  const validated = new Set(
    own.flatMap(listCommands).map(({ subtype, name }) => (subtype === 'AT_ValidateConstraint' ? name : '')),
  )
  const added = own
    .flatMap(listAddedConstraints)
    .some(
      ({ constraint: { conname, raw_expr: expression, skip_validation: isUnread } }) =>
        expression !== undefined &&
        'NullTest' in expression &&
        expression.NullTest.nulltesttype === 'IS_NOT_NULL' &&
        columnOf(expression.NullTest.arg) === column &&
        (isUnread !== true || validated.has(conname)),
    )
  const stored = table && before.tables.get(nameKey(table))
  const definition = `CHECK ((${shownName(column)} IS NOT NULL))`
  return (
    added ||
    [...(stored?.constraints.values() ?? [])].some(
      (one) =>
        one.definition === definition ||
        (one.definition === `${definition} NOT VALID` && validated.has(one.name)),
    )
  )
}
