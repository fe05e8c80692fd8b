import type { Node } from 'libpg-query'
import { primaryKey, type TableView } from '../catalog/catalog-view.ts'
import { readIndexKey } from '../catalog/index-columns.ts'
import type { LintStatement } from '../subject/lint-statement.ts'
import type { LintSubject } from '../subject/lint-subject.ts'
import { codeBody } from '../tree/code-body.ts'
import type { SqlParser } from '../tree/parser.ts'
import { columnOf, findAll, nameOfRange, type WrittenName } from '../tree/walk.ts'

/** A statement that changes many rows of a table; a list of values is few. */
export interface RowChange {
  readonly verb: 'UPDATE' | 'DELETE' | 'MERGE' | 'INSERT'
  readonly text: string
  readonly table: WrittenName | undefined
  readonly where: Node | undefined
  /** The name that the table has in it. */
  readonly alias: string | undefined
  /** Whether it reads other tables too, so that a column needs the name of its table. */
  readonly joins: boolean
  /** The columns that an UPDATE sets. */
  readonly sets: readonly string[]
}

const DML = /^(UPDATE|DELETE|MERGE|INSERT|WITH)$/

/** Lists what a statement changes, and what the code of a DO block does. */
export function listRowChanges(
  { parser }: LintSubject,
  { facts, text, tree }: LintStatement,
): readonly RowChange[] {
  if (DML.test(facts.command)) return readChange(tree(), text)
  if (facts.command !== 'DO') return []
  return listQueriesOfBlock(parser, text).flatMap((query) => readChange(parser.parse(query), query))
}

/** Lists the tables that a statement, or the code of a DO block, names in TRUNCATE. */
export function listTruncated(
  parser: SqlParser,
  { facts, text, tree }: LintStatement,
): readonly WrittenName[] {
  if (facts.command === 'TRUNCATE') return readTruncated(tree())
  if (facts.command !== 'DO') return []
  return listQueriesOfBlock(parser, text).flatMap((query) => readTruncated(parser.parse(query)))
}

function readTruncated(tree: Node | undefined): readonly WrittenName[] {
  if (tree === undefined || !('TruncateStmt' in tree)) return []
  return (tree.TruncateStmt.relations ?? []).flatMap((one) => {
    const name = 'RangeVar' in one ? nameOfRange(one.RangeVar) : undefined
    return name === undefined ? [] : [name]
  })
}

function listQueriesOfBlock(parser: SqlParser, text: string): readonly string[] {
  const block = `CREATE FUNCTION block() RETURNS void LANGUAGE plpgsql AS ${codeBody(text)}`
  return parser.listQueries(block) ?? []
}

function readChange(tree: Node | undefined, text: string): readonly RowChange[] {
  const other = { text, where: undefined, alias: undefined, joins: false, sets: [] }
  if (tree === undefined) return []
  if ('UpdateStmt' in tree) {
    const { relation, whereClause: where, fromClause = [], targetList = [] } = tree.UpdateStmt
    const sets = targetList.flatMap((one) =>
      'ResTarget' in one && one.ResTarget.name !== undefined ? [one.ResTarget.name] : [],
    )
    const alias = relation?.alias?.aliasname
    const table = nameOfRange(relation)
    return [{ verb: 'UPDATE', text, table, where, alias, joins: fromClause.length > 0, sets }]
  }
  if ('DeleteStmt' in tree) {
    const { relation, whereClause: where, usingClause = [] } = tree.DeleteStmt
    const alias = relation?.alias?.aliasname
    const table = nameOfRange(relation)
    return [{ verb: 'DELETE', text, table, where, alias, joins: usingClause.length > 0, sets: [] }]
  }
  if ('MergeStmt' in tree) return [{ ...other, verb: 'MERGE', table: nameOfRange(tree.MergeStmt.relation) }]
  if (!('InsertStmt' in tree)) return []
  const source = tree.InsertStmt.selectStmt
  const isQuery =
    source !== undefined && 'SelectStmt' in source && (source.SelectStmt.fromClause ?? []).length > 0
  return isQuery ? [{ ...other, verb: 'INSERT', table: nameOfRange(tree.InsertStmt.relation) }] : []
}

/** Whether a condition names one row by its primary key. */
export function isByKey(where: Node | undefined, table: TableView): boolean {
  const key = primaryKey(table)
  const fixed = new Set(listFixed(where))
  return key.length > 0 && key.every((column) => fixed.has(column))
}

/** Whether a condition reaches few rows: it has a LIMIT, or values for a column that an index begins with. */
export function isBounded({ parser }: LintSubject, where: Node | undefined, table: TableView): boolean {
  if (where === undefined) return false
  if ([...findAll(where, 'limitCount')].length > 0) return true
  const fixed = listFixed(where)
  return table.indexes.some((index) => {
    const [first] = readIndexKey(index, parser).columns
    return first !== undefined && fixed.includes(first)
  })
}

/** The columns that a condition compares with values. */
function listFixed(where: Node | undefined): readonly string[] {
  if (where === undefined) return []
  if ('BoolExpr' in where) {
    return where.BoolExpr.boolop === 'AND_EXPR' ? (where.BoolExpr.args ?? []).flatMap(listFixed) : []
  }
  if (!('A_Expr' in where)) return []
  const { kind, lexpr, rexpr } = where.A_Expr
  const isRange = kind === 'AEXPR_OP' || kind === 'AEXPR_IN' || kind === 'AEXPR_BETWEEN'
  const column = columnOf(lexpr)
  if (!isRange || column === undefined || [...findAll(rexpr, 'ColumnRef')].length > 0) return []
  const [operator] = (where.A_Expr.name ?? []).flatMap((name) => ('String' in name ? [name.String.sval] : []))
  return operator === '<>' ? [] : [column]
}
