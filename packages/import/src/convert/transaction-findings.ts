import type { Diagnostic } from '@tidemark/core'
import { needsReview } from '../foreign/findings.ts'
import type { ForeignMigration, ForeignSection } from '../foreign/foreign-project.ts'
import type { ConvertedSection } from './convert-section.ts'

/** A section of the original beside what it became. */
export interface SectionPair {
  readonly original: ForeignSection
  readonly converted: ConvertedSection
}

/** Reports where the transaction of the imported file differs from that of the original. */
export function findTransactionChanges(
  migration: Pick<ForeignMigration, 'transaction'>,
  transaction: 'required' | 'none',
  pairs: readonly SectionPair[],
): readonly Diagnostic[] {
  return pairs.flatMap((pair) => [
    ...(transaction === 'none' ? findMixed(migration, pair) : []),
    ...findPairs(transaction, pair),
    ...findMode(pair),
  ])
}

/**
 * A file with a statement that PostgreSQL refuses in a transaction, and others that would be safer in one.
 */
function findMixed(
  { transaction }: Pick<ForeignMigration, 'transaction'>,
  { original, converted }: SectionPair,
): readonly Diagnostic[] {
  const refusing = converted.statements.filter(({ facts }) => facts.refusesTransaction !== undefined)
  const first = refusing[0]
  const others = converted.statements.length - refusing.length
  if (first === undefined || others === 0) return []
  const what = first.facts.refusesTransaction
  return [
    needsReview(
      original.source,
      { start: first.start, end: first.end },
      `${what} needs "Transaction: none": ${others === 1 ? 'the other statement of the file runs without a transaction too' : `the ${others} other statements of the file run without one too`}`,
      `move ${what} into a file of its own that depends on this one, and remove "Transaction: none" here`,
      transaction === 'none' ? 'note' : 'warning',
    ),
  ]
}

function findPairs(
  transaction: 'required' | 'none',
  { original, converted }: SectionPair,
): readonly Diagnostic[] {
  const { kind, span } = converted.transactions
  if (kind === 'wrapper' && transaction === 'none') {
    return [
      needsReview(
        original.source,
        span,
        'the file has its own transaction, but asks to run without one: now each statement commits by itself',
        'if the statements belong together, move what refuses a transaction into a file of its own',
      ),
    ]
  }
  if (kind !== 'pairs') return []
  const message =
    transaction === 'none'
      ? 'BEGIN and COMMIT are removed: each statement of the file commits by itself'
      : 'BEGIN and COMMIT are removed: the whole file is one transaction now'
  const help = 'if its parts must commit separately, split the file'
  return [needsReview(original.source, span, message, help)]
}

function findMode({ original, converted }: SectionPair): readonly Diagnostic[] {
  const { mode } = converted.transactions
  if (mode === undefined) return []
  const message = `its transaction mode is lost: ${mode.code.replace(/\s+/g, ' ')}`
  const help = 'if it matters, begin the section with "SET TRANSACTION …;"'
  return [needsReview(original.source, { start: mode.start, end: mode.end }, message, help)]
}
