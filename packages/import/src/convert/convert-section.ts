import type { Diagnostic, StatementFacts } from '@tidemark/core'
import { changed } from '../foreign/findings.ts'
import type { ForeignSection } from '../foreign/foreign-project.ts'
import { escapeMarkers } from '../sql/escape-markers.ts'
import { commentOut, isHarmlessPsqlLine } from '../sql/psql-lines.ts'
import { type ForeignStatement, readStatements } from '../sql/read-statements.ts'
import { type StrippedTransactions, stripTransactions } from '../sql/strip-transactions.ts'
import { applyEdits, removal, type TextEdit } from '../sql/text-edits.ts'

/** A section in the form of a migration file, without its marker. */
export interface ConvertedSection {
  readonly text: string
  /** Without the BEGIN and COMMIT that were removed. */
  readonly statements: readonly ForeignStatement[]
  readonly transactions: StrippedTransactions
  readonly findings: readonly Diagnostic[]
}

/**
 * Converts one section: removes the other tool's own lines and pairs of BEGIN and COMMIT, escapes psql lines
 * about output and comments that would be markers, and adds a missing `;` where the other tool ends a
 * statement. Everything else stays byte for byte.
 */
export function convertSection(section: ForeignSection): ConvertedSection {
  const { source, span, directives, replacements = [] } = section
  const { text } = source
  const { statements, psqlLines } = readStatements(section)
  const transactions = stripTransactions(text, statements)
  const harmless = psqlLines.filter((line) => isHarmlessPsqlLine(text, line))
  const markers = escapeMarkers(text, span)
  const open = statements.filter(({ beforeBoundary, terminated }) => beforeBoundary && !terminated)
  const edits: readonly TextEdit[] = [
    ...directives.map((directive) => removal(text, directive)),
    ...replacements,
    ...transactions.edits,
    ...harmless.map(commentOut),
    ...markers.map(({ edit }) => edit),
    ...open.map(({ end }) => ({ start: end, end, text: ';' })),
  ]
  const findings = [
    ...(transactions.kind === 'wrapper' && transactions.span !== undefined
      ? [changed(source, transactions.span, 'BEGIN and COMMIT around the file are removed')]
      : []),
    ...(transactions.kind === 'leaves' && transactions.span !== undefined
      ? [changed(source, transactions.span, 'a COMMIT that ended the transaction around the file is removed')]
      : []),
    ...harmless.map((line) => changed(source, line, `"\\${line.command}" of psql becomes a comment`)),
    ...markers.map((marker) => {
      const comment = text.slice(marker.start, marker.end)
      return changed(source, marker, `the comment "${comment}" is not a marker here: it gets a backslash`)
    }),
    ...open.map(({ start, end }) => changed(source, { start, end }, 'a missing ";" is added')),
  ]
  const kept = statements.filter(({ facts }) => transactions.kind === 'unclear' || !isRemoved(facts))
  return { text: applyEdits(text, span, edits), statements: kept, transactions, findings }
}

function isRemoved(facts: StatementFacts): boolean {
  return facts.transactionControl === 'begin' || facts.transactionControl === 'commit'
}
