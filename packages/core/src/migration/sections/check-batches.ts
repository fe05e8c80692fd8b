import { diagnose } from '../../diagnostic/diagnose.ts'
import type { Diagnostic } from '../../diagnostic/diagnostic.ts'
import { listParameters, usesBounds } from '../../sql/batch-bounds.ts'
import { unquoteName } from '../../sql/facts/relation-name.ts'
import type { SqlStatement } from '../../sql/statement.ts'
import { readStatementFacts } from '../../sql/statement-facts.ts'
import { tokens } from '../../sql/tokens.ts'
import type { SourceFile } from '../../text/source-file.ts'
import type { Span } from '../../text/span.ts'
import { readBatchKey } from '../header/header-batches.ts'
import type { MigrationBatches, MigrationHeader } from '../model/migration.ts'
import { changesKey } from './changes-key.ts'
import type { Sections } from './check-sections.ts'

const WRITES: ReadonlySet<string> = new Set(['INSERT', 'UPDATE', 'DELETE', 'MERGE', 'WITH'])

/**
 * Checks a file with `Batches`: TM1041 for a header key that cannot be beside it, TM1042 to TM1045 for its
 * statements. At most one for each statement.
 *
 * @param place where the header says `Batches`.
 */
export function checkBatches(
  source: SourceFile,
  header: MigrationHeader,
  {
    sections: { up, down, verify },
    place,
  }: { readonly sections: Sections; readonly place: Span | undefined },
): readonly Diagnostic[] {
  const { batches } = header
  if (batches === undefined) return []
  const isDownBatched = down !== undefined && usesBounds(source.text, down.statements)
  const batched = [...(up?.statements ?? []), ...(isDownBatched ? down.statements : [])]
  return [
    ...checkBesides(source, header, place),
    ...batched.flatMap((statement) => checkBatchStatement(source, statement, batches)),
    ...(verify?.statements ?? []).flatMap((statement) => checkVerify(source, statement)),
  ]
}

function checkBesides(
  source: SourceFile,
  { transaction, run, replaces }: MigrationHeader,
  span: Span | undefined,
): readonly Diagnostic[] {
  const besides = [
    ...(transaction === 'none' ? ['"Transaction: none"'] : []),
    ...(run === 'on_change' ? ['"Run: on_change"'] : []),
    ...(replaces.length > 0 ? ['"Replaces"'] : []),
  ]
  if (besides.length === 0) return []
  const message = `"Batches" cannot be used with ${besides.join(' and ')}`
  const help = 'remove one of them: each batch is a transaction of its own, and each row is visited once'
  return [diagnose(source, { code: 'TM1041', span, message, help })]
}

function checkBatchStatement(
  source: SourceFile,
  statement: SqlStatement,
  batches: MigrationBatches,
): readonly Diagnostic[] {
  const { text } = source
  const span = { start: statement.codeStart, end: statement.codeEnd }
  const facts = readStatementFacts(text, statement)
  if (!WRITES.has(facts.command) || facts.isQuery) {
    const message = `${facts.command || 'this'} cannot run in batches`
    const help =
      'a file with "Batches" has only INSERT, UPDATE, DELETE and MERGE; move this statement into another file'
    return [diagnose(source, { code: 'TM1042', span, message, help })]
  }
  return checkBounds(source, statement) ?? checkTable(source, span, batches)
}

const BOUNDS = 'write "WHERE id BETWEEN $1 AND $2" with the column of "Batches"'

function checkBounds(source: SourceFile, statement: SqlStatement): readonly Diagnostic[] | undefined {
  const uses = listParameters(source.text, statement)
  const other = uses.find(({ name }) => name !== '$1' && name !== '$2')
  if (other !== undefined) {
    const message = `"${other.name}" is not a bound of a batch: there are only $1 and $2`
    return [diagnose(source, { code: 'TM1043', span: other, message, help: BOUNDS })]
  }
  const missing = ['$1', '$2'].filter((name) => !uses.some((use) => use.name === name))
  if (missing.length === 0) return undefined
  const message = `the statement does not use ${missing.join(' and ')}`
  const span = { start: statement.codeStart, end: statement.codeEnd }
  return [
    diagnose(source, {
      code: 'TM1043',
      span,
      message,
      help: `every statement runs once for each batch: ${BOUNDS}`,
    }),
  ]
}

function checkTable(source: SourceFile, span: Span, batches: MigrationBatches): readonly Diagnostic[] {
  if (changesKey(source.text, span, readBatchKey(batches))) {
    const message = `the statement changes "${batches.column}", by which the table is walked`
    const help = 'walk it by another column: a row whose key changes would be visited twice, or not at all'
    return [diagnose(source, { code: 'TM1045', span, message, help })]
  }
  const { name } = readBatchKey(batches).table
  if (namesRelation(source.text, span, name)) return []
  const message = `the statement does not use the table ${batches.table} of "Batches"`
  const help = `name the table that the bounds belong to: "-- Batches: TABLE by ${batches.column}"`
  return [diagnose(source, { code: 'TM1044', severity: 'warning', span, message, help })]
}

function namesRelation(text: string, span: Span, name: string): boolean {
  for (const { kind, start, end } of tokens(text, span)) {
    if ((kind === 'word' || kind === 'quoted_word') && unquoteName(text.slice(start, end)) === name)
      return true
  }
  return false
}

function checkVerify(source: SourceFile, statement: SqlStatement): readonly Diagnostic[] {
  const [use] = listParameters(source.text, statement)
  if (use === undefined) return []
  const message = `"${use.name}" in @verify: it runs once, after the last batch`
  return [
    diagnose(source, { code: 'TM1043', span: use, message, help: 'write a query over the whole table' }),
  ]
}
