import type { AlterTableCmd, ColumnRef, Constraint, Node, RangeVar } from 'libpg-query'

/** A name as a statement writes it; the schema may be missing. */
export interface WrittenName {
  readonly schema?: string | undefined
  readonly name: string
}

/** Gives the name that a relation of a tree has. */
export function nameOfRange(range: RangeVar | undefined): WrittenName | undefined {
  return range?.relname === undefined ? undefined : { schema: range.schemaname, name: range.relname }
}

/** Gives the text of a string of a tree, in a list of none or one. */
export function stringOf(node: Node): readonly string[] {
  return 'String' in node && node.String.sval !== undefined ? [node.String.sval] : []
}

/** The parts of an ALTER TABLE. */
export function listCommands(node: Node | undefined): readonly AlterTableCmd[] {
  if (node === undefined || !('AlterTableStmt' in node)) return []
  return (node.AlterTableStmt.cmds ?? []).flatMap((cmd) =>
    'AlterTableCmd' in cmd ? [cmd.AlterTableCmd] : [],
  )
}

/** A constraint that an ALTER TABLE adds, and the new column that it is written with. */
export interface AddedConstraint {
  readonly constraint: Constraint
  readonly column: string | undefined
}

/** The constraints that an ALTER TABLE adds, with columns or alone. */
export function listAddedConstraints(node: Node | undefined): readonly AddedConstraint[] {
  return listCommands(node).flatMap(({ subtype, def }): readonly AddedConstraint[] => {
    if (def === undefined) return []
    if (subtype === 'AT_AddConstraint' && 'Constraint' in def) {
      return [{ constraint: def.Constraint, column: undefined }]
    }
    if (subtype !== 'AT_AddColumn' || !('ColumnDef' in def)) return []
    const { colname, constraints = [] } = def.ColumnDef
    return constraints.flatMap((one) =>
      'Constraint' in one ? [{ constraint: one.Constraint, column: colname }] : [],
    )
  })
}

/** Every node of one kind in a tree, at any depth. */
export function* findAll(value: unknown, kind: string): Generator<unknown> {
  if (typeof value !== 'object' || value === null) return
  for (const [key, inner] of Object.entries(value)) {
    if (key === kind) yield inner
    yield* findAll(inner, kind)
  }
}

/** Every relation that a tree reads or writes, without the names of its WITH queries. */
export function listRelations(tree: unknown): readonly WrittenName[] {
  const local = new Set([...findAll(tree, 'CommonTableExpr')].flatMap((one) => textAt(one, 'ctename')))
  // The relation of a statement is no node of its own.
  const ranges = [...findAll(tree, 'RangeVar'), ...findAll(tree, 'relation')]
  return ranges.flatMap((range) => {
    const [name] = textAt(range, 'relname')
    const [schema] = textAt(range, 'schemaname')
    return name === undefined || (schema === undefined && local.has(name)) ? [] : [{ schema, name }]
  })
}

function textAt(value: unknown, key: string): readonly string[] {
  const found =
    typeof value === 'object' && value !== null
      ? Object.entries(value).find(([name]) => name === key)
      : undefined
  return typeof found?.[1] === 'string' ? [found[1]] : []
}

/** The column that an expression is, without its table. */
export function columnOf(node: Node | undefined): string | undefined {
  if (node === undefined || !('ColumnRef' in node)) return undefined
  const { fields = [] }: ColumnRef = node.ColumnRef
  return fields.flatMap(stringOf).at(-1)
}
