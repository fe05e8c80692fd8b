import type { ForeignMigration } from '../foreign/foreign-project.ts'
import { readStatements } from '../sql/read-statements.ts'
import { applyEdits } from '../sql/text-edits.ts'

/** What to send to a server to do what the other tool does with one migration. */
export type OriginalMessages =
  | { readonly kind: 'messages'; readonly messages: readonly string[] }
  /** It can only be sent by a program such as psql. */
  | { readonly kind: 'not_sent'; readonly why: string }

/**
 * Lists the statements of a way forward as the other tool sends them: with the file's own BEGIN and COMMIT,
 * or in one transaction where it has none and asked for none. Variables are in the forms of a migration file.
 */
export function listOriginalMessages({ up, transaction }: ForeignMigration): OriginalMessages {
  const { statements } = readStatements(up)
  const copy = statements.find(({ facts }) => facts.copy !== undefined)
  if (copy !== undefined) return { kind: 'not_sent', why: 'it has a COPY with data' }
  const isPlain = statements.every(
    ({ facts }) => facts.transactionControl === undefined && facts.refusesTransaction === undefined,
  )
  const messages = statements.map(({ start, end }) =>
    applyEdits(up.source.text, { start, end }, up.replacements ?? []),
  )
  const isWrapped = transaction === 'required' && isPlain && messages.length > 0
  return { kind: 'messages', messages: isWrapped ? ['BEGIN', ...messages, 'COMMIT'] : messages }
}
