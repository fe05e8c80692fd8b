import type { SqlParser } from '../tree/parser.ts'
import type { IndexView } from './catalog-view.ts'

/** What an index is over. */
export interface IndexKey {
  /** Its columns in order, undefined for an expression; without those of INCLUDE. */
  readonly columns: readonly (string | undefined)[]
  readonly isPartial: boolean
}

/** Reads the columns of an index from its definition. */
export function readIndexKey({ definition }: Pick<IndexView, 'definition'>, parser: SqlParser): IndexKey {
  const tree = parser.parse(definition)
  if (tree === undefined || !('IndexStmt' in tree)) return { columns: [], isPartial: true }
  const { indexParams = [], whereClause } = tree.IndexStmt
  return {
    columns: indexParams.map((param) => ('IndexElem' in param ? param.IndexElem.name : undefined)),
    isPartial: whereClause !== undefined,
  }
}
