import { tokens } from '@tidemark/core'
import type { ConstraintView } from '../catalog/catalog-view.ts'
import { shownName } from '../catalog/names.ts'
import type { Rewrite } from '../model/rule.ts'
import type { LintStatement } from '../subject/lint-statement.ts'
import { listCommands } from '../tree/walk.ts'
import { concurrently } from './safe-sql.ts'

/** `CREATE INDEX CONCURRENTLY`, with the name that PostgreSQL gave where it has none. */
export function createConcurrently({ tree, text }: LintStatement, name: string): Rewrite | undefined {
  const node = tree()
  if (node === undefined || !('IndexStmt' in node) || node.IndexStmt.concurrent === true) return undefined
  const named = node.IndexStmt.idxname === undefined ? ` ${shownName(name)}` : ''
  return insertAfter(text, 'index', ` CONCURRENTLY${named}`)
}

/** `DROP INDEX CONCURRENTLY`, which takes one index and no CASCADE. */
export function dropConcurrently({ tree, text }: LintStatement): Rewrite | undefined {
  const node = tree()
  if (node === undefined || !('DropStmt' in node)) return undefined
  const { objects = [], behavior } = node.DropStmt
  if (objects.length !== 1 || behavior === 'DROP_CASCADE') return undefined
  return insertAfter(text, 'index', ' CONCURRENTLY')
}

/** `NOT VALID`, and `VALIDATE CONSTRAINT` after it: that reads the table while others write. */
export function validateAfterwards(
  { tree, text }: LintStatement,
  table: string,
  { name, definition }: ConstraintView,
): Rewrite | undefined {
  const [command, ...others] = listCommands(tree())
  if (command?.subtype !== 'AT_AddConstraint' || others.length > 0) return undefined
  const constraint =
    command.def !== undefined && 'Constraint' in command.def ? command.def.Constraint : undefined
  const added =
    constraint?.conname === undefined
      ? `ALTER TABLE ${table} ADD CONSTRAINT ${shownName(name)} ${definition}`
      : withoutEnd(text)
  return [`${added} NOT VALID`, `ALTER TABLE ${table} VALIDATE CONSTRAINT ${shownName(name)}`]
}

/** A unique index that is built concurrently, and then becomes the constraint. */
export function useBuiltIndex(
  { tree }: LintStatement,
  table: string,
  { name, definition, index }: Pick<ConstraintView, 'name' | 'definition'> & { readonly index: string },
): Rewrite | undefined {
  if (listCommands(tree()).length !== 1 || !definition.startsWith('UNIQUE')) return undefined
  const built = withoutEnd(concurrently(index))
  return [
    built,
    `ALTER TABLE ${table} ADD CONSTRAINT ${shownName(name)} UNIQUE USING INDEX ${shownName(name)}`,
  ]
}

/** A CHECK that is validated while others write, which `SET NOT NULL` takes for proof. */
export function requireByCheck(
  { tree, text }: LintStatement,
  table: string,
  column: string,
): Rewrite | undefined {
  const [command, ...others] = listCommands(tree())
  if (command?.subtype !== 'AT_SetNotNull' || others.length > 0) return undefined
  const check = shownName(`${column}_is_set`)
  return [
    `ALTER TABLE ${table} ADD CONSTRAINT ${check} CHECK (${shownName(column)} IS NOT NULL) NOT VALID`,
    `ALTER TABLE ${table} VALIDATE CONSTRAINT ${check}`,
    withoutEnd(text),
    `ALTER TABLE ${table} DROP CONSTRAINT ${check}`,
  ]
}

function insertAfter(text: string, word: string, inserted: string): Rewrite | undefined {
  for (const { kind, start, end } of tokens(text)) {
    if (kind !== 'word' || text.slice(start, end).toLowerCase() !== word) continue
    return [withoutEnd(text.slice(0, end) + inserted + text.slice(end))]
  }
  return undefined
}

/** Without its semicolon, and what follows its last word. */
function withoutEnd(text: string): string {
  let last = 0
  for (const { kind, end } of tokens(text)) {
    if (kind !== 'line_comment' && kind !== 'block_comment' && kind !== 'semicolon') last = end
  }
  return text.slice(0, last)
}
