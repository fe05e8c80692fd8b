import { type Diagnostic, hasCode, type Span, scanSql } from '@tidemark/core'
import { needsReview } from './findings.ts'
import type { ForeignMigration, ForeignSection } from './foreign-project.ts'

/** What asked for no transaction, by section; undefined: nothing did. */
export interface WithoutTransaction {
  readonly up: Span | undefined
  readonly down: Span | undefined
}

/**
 * Reports that a section loses its transaction, since only the other one asked for none: a migration has one
 * setting for both. A section of one statement loses nothing.
 */
export function findLostTransaction(
  { up, down }: Pick<ForeignMigration, 'up' | 'down'>,
  without: WithoutTransaction,
): readonly Diagnostic[] {
  const mark = without.up ?? without.down
  if (mark === undefined || (without.up !== undefined && without.down !== undefined)) return []
  const [asks, loses] = without.up === undefined ? [down, up] : [up, down]
  if (asks === undefined || countStatements(loses) <= 1) return []
  const message = 'only one of its sections ran without a transaction: now both do'
  const help = 'if that section must not stop half way, move it into a migration of its own'
  return [needsReview(asks.source, mark, message, help)]
}

function countStatements(section: ForeignSection | undefined): number {
  if (section === undefined) return 0
  const text = section.source.text.slice(section.span.start, section.span.end)
  return scanSql(text).statements.filter((statement) => hasCode(text, statement)).length
}
