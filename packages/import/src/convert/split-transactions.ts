import type { Span } from '@tidemark/core'
import { emptySection, type ForeignMigration, type ForeignSection } from '../foreign/foreign-project.ts'
import { type ForeignStatement, readStatements } from '../sql/read-statements.ts'
import { stripTransactions } from '../sql/strip-transactions.ts'

/**
 * Splits a migration whose file commits more than once at its own BEGIN and COMMIT, so that what one
 * transaction needs of an earlier one is committed: `x`, `x-2`, and so on. What is between them is a part of
 * its own, but for settings, which go with what follows. Only the first part has a way back, that of the
 * whole.
 *
 * @example splitTransactions(migration).map(({ name }) => name) // ['1_a', '1_a-2']
 */
export function splitTransactions(migration: ForeignMigration): readonly ForeignMigration[] {
  const { up, down, verify, name, tags } = migration
  const parts = findParts(up)
  if (parts.length < 2) return [migration]
  return parts.map(({ span, isTransaction, settings }, index): ForeignMigration => {
    const isLast = index === parts.length - 1
    return {
      ...migration,
      name: index === 0 ? name : `${name}-${index + 1}`,
      up: cut(up, span, settings),
      down: index === 0 || down === undefined ? down : emptySection({ ...up.source, name }),
      verify: isLast ? verify : undefined,
      tags: isLast ? (tags ?? []) : [],
      transaction: isTransaction ? 'required' : migration.transaction,
    }
  })
}

interface Part {
  readonly span: Span
  readonly isTransaction: boolean
  /** What earlier parts set for the session: a migration begins without it. */
  readonly settings: readonly string[]
}

function findParts(section: ForeignSection): readonly Part[] {
  const { source, span } = section
  const { statements } = readStatements(section)
  if (stripTransactions(source.text, statements).kind !== 'pairs') return []
  const groups = groupStatements(statements)
  const transactions = groups.filter(({ isTransaction }) => isTransaction).length
  const refuses = groups.some(
    ({ isTransaction, items }) =>
      !isTransaction && items.some(({ facts }) => facts.refusesTransaction !== undefined),
  )
  if (transactions < 2 && !refuses) return []
  const ends = groups.map(({ items }) => endOfLine(source.text, items.at(-1)?.end ?? span.end))
  return groups.map(({ isTransaction }, index) => ({
    isTransaction,
    settings: groups.slice(0, index).flatMap(({ items }) => items.filter(isSetting).map(({ code }) => code)),
    span: {
      start: index === 0 ? span.start : (ends[index - 1] ?? span.start),
      end: index === groups.length - 1 ? span.end : (ends[index] ?? span.end),
    },
  }))
}

/** `SET x = y` for the session, or what pg_dump writes instead. */
function isSetting({ facts, code }: ForeignStatement): boolean {
  if (facts.command === 'SET') return !/^SET\s+(?:LOCAL|TRANSACTION|CONSTRAINTS)\b/i.test(code)
  return /^SELECT\s+(?:pg_catalog\.)?set_config\s*\([^()]*,\s*false\s*\)\s*;?$/i.test(code)
}

interface Group {
  readonly isTransaction: boolean
  readonly items: readonly ForeignStatement[]
}

/** From each BEGIN to its COMMIT, and what is between. */
function groupStatements(statements: readonly ForeignStatement[]): readonly Group[] {
  const groups: Group[] = []
  let open: ForeignStatement[] = []
  const close = (isTransaction: boolean): void => {
    if (open.length > 0) groups.push({ isTransaction, items: open })
    open = []
  }
  for (const statement of statements) {
    const { transactionControl } = statement.facts
    if (transactionControl === 'begin') {
      const settings = open.slice(open.findLastIndex(({ facts }) => facts.command !== 'SET') + 1)
      open = open.slice(0, open.length - settings.length)
      close(false)
      open = [...settings]
    }
    open.push(statement)
    if (transactionControl === 'commit') close(true)
  }
  close(false)
  return groups
}

/** The end of a line on which nothing but a comment follows. */
function endOfLine(text: string, end: number): number {
  const [rest = ''] = /^[ \t]*(?:--.*)?(?:\n|$)/.exec(text.slice(end)) ?? []
  return end + rest.length
}

function cut(section: ForeignSection, span: Span, settings: readonly string[]): ForeignSection {
  const { directives, boundaries, replacements = [] } = section
  const isInside = ({ start, end }: Span): boolean => start >= span.start && end <= span.end
  return {
    ...section,
    span,
    directives: directives.filter(isInside),
    boundaries: boundaries.filter((at) => at > span.start && at <= span.end),
    replacements: [
      ...settings.map((code) => ({
        start: span.start,
        end: span.start,
        text: `${code.replace(/;$/, '')};\n`,
      })),
      ...replacements.filter(isInside),
    ],
  }
}
