import type { LockMode, StatementEffects, StatementFacts, TouchedRelation } from '@tidemark/core'
import type { Node } from 'libpg-query'
import type { CatalogView, TableView } from '../catalog/catalog-view.ts'
import { listAddedConstraints, listCommands, nameOfRange, type WrittenName } from '../tree/walk.ts'

/** What {@link assumeEffects} goes by. */
export interface AssumedOf {
  readonly facts: StatementFacts
  readonly tree: Node | undefined
  readonly before: CatalogView
  resolve(name: WrittenName): TableView | undefined
}

/** What a statement does by its text, where it was not observed: the common cases, and never more than these. */
export function assumeEffects({ facts, tree, before, resolve }: AssumedOf): StatementEffects {
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
    scans: listScanned(tree).flatMap(touch),
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
function listScanned(tree: Node | undefined): readonly (WrittenName | undefined)[] {
  if (tree === undefined || !('AlterTableStmt' in tree)) return []
  const isChecked = listAddedConstraints(tree).some(
    ({ constraint: { contype, skip_validation }, column }) =>
      column === undefined &&
      skip_validation !== true &&
      (contype === 'CONSTR_CHECK' || contype === 'CONSTR_FOREIGN'),
  )
  const isRequired = listCommands(tree).some(({ subtype }) => subtype === 'AT_SetNotNull')
  return isChecked || isRequired ? [nameOfRange(tree.AlterTableStmt.relation)] : []
}
