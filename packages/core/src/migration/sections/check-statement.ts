import { diagnose } from '../../diagnostic/diagnose.ts'
import type { Diagnostic } from '../../diagnostic/diagnostic.ts'
import type { StatementFacts } from '../../sql/facts/facts.ts'
import type { SqlStatement } from '../../sql/statement.ts'
import { readStatementFacts } from '../../sql/statement-facts.ts'
import { tokens } from '../../sql/tokens.ts'
import type { SourceFile } from '../../text/source-file.ts'
import type { Span } from '../../text/span.ts'
import type { MigrationHeader } from '../model/migration.ts'
import { findTrackingLoss } from './find-tracking-loss.ts'
import { isPlainlyAllowed } from './is-plainly-allowed.ts'
import type { SectionName } from './section-names.ts'

/** The place of a statement, as far as it decides whether the statement is allowed there. */
export interface StatementPlace {
  readonly source: SourceFile
  readonly section: SectionName
  readonly transaction: MigrationHeader['transaction']
  /** The schema of the tracking tables. */
  readonly trackingSchema: string
}

type Finding = Pick<Diagnostic, 'code' | 'message'> & { readonly help: string }

/**
 * Tells what forbids a statement in its place: TM1017 to TM1022, TM1027 and TM1032. At most one of them, the
 * most basic first.
 */
export function checkStatement(statement: SqlStatement, place: StatementPlace): Diagnostic | undefined {
  if (place.section !== 'verify' && isPlainlyAllowed(place.source.text, statement)) return undefined
  const facts = readStatementFacts(place.source.text, statement)
  const finding =
    findControl(facts, place) ??
    findVerifyProblem(facts, place) ??
    findRefusal(facts, place) ??
    findCopyProblem(facts, statement) ??
    findTrackingLoss(facts, place.trackingSchema) ??
    findStringMode(facts, statement, place.source.text) ??
    findEncoding(facts, statement, place.source.text)
  if (finding === undefined) return undefined
  return diagnose(place.source, { ...finding, span: { start: statement.codeStart, end: statement.codeEnd } })
}

function findControl(
  { transactionControl, command }: StatementFacts,
  place: StatementPlace,
): Finding | undefined {
  if (transactionControl === undefined) return undefined
  const help =
    place.transaction === 'required'
      ? 'remove it: the migration runs in a transaction of its own. SAVEPOINT and ROLLBACK TO are allowed'
      : 'remove it: the statements of a file with "Transaction: none" run one by one'
  return {
    code: 'TM1018',
    message: `${command} is not allowed in a migration: Tidemark controls the transaction`,
    help,
  }
}

function findVerifyProblem(facts: StatementFacts, { section }: StatementPlace): Finding | undefined {
  if (section !== 'verify' || (facts.isQuery && !writes(facts)) || facts.command === 'DO') return undefined
  const message = facts.isQuery
    ? 'a query in @verify writes'
    : `${facts.command || 'this'} in @verify is not a query`
  const help =
    'write a SELECT, WITH, VALUES or TABLE whose first column is true, or a DO block; @verify cannot write'
  return { code: 'TM1017', message, help }
}

/** A part of a WITH may write although the statement itself is a query. */
function writes({ loadsData, sessionTouches }: StatementFacts): boolean {
  return loadsData || sessionTouches.some((touch) => touch.kind === 'unknown' && touch.because === 'trigger')
}

function findRefusal(facts: StatementFacts, { transaction }: StatementPlace): Finding | undefined {
  if (transaction === 'required') {
    if (facts.refusesTransaction === undefined) return undefined
    const message = `${facts.refusesTransaction} cannot run inside a transaction block`
    const help = 'add "-- Transaction: none" to the header, and keep this statement in a file of its own'
    return { code: 'TM1019', message, help }
  }
  if (facts.indexBuild?.concurrently !== true || facts.indexBuild.name !== undefined) return undefined
  const help =
    'name the index: without a name, Tidemark cannot find an index that an interrupted build left invalid'
  return { code: 'TM1020', message: 'CREATE INDEX CONCURRENTLY without an index name', help }
}

function findCopyProblem({ copy }: StatementFacts, { copyData }: SqlStatement): Finding | undefined {
  if (copy === 'to_stdout') {
    const help = 'remove it: the output of a migration is discarded. COPY … FROM stdin is supported'
    return { code: 'TM1021', message: 'COPY … TO STDOUT is not supported', help }
  }
  if (copy !== 'from_stdin' || copyData !== undefined) return undefined
  const help =
    'end it with "FROM stdin;" or its options and ";", and put the data on the next lines, then a line "\\."'
  return { code: 'TM1027', message: 'COPY … FROM stdin without data', help }
}

/** What `standard_conforming_strings` may be set to: on, or back to where it was. */
const STRINGS_ON = new Set(['on', 'true', 'tru', 'tr', 't', 'yes', 'ye', 'y', '1', 'default', 'current'])

/**
 * The file was cut into statements with backslashes as ordinary characters: the server must read it in the
 * same way.
 */
function findStringMode(
  { command, sessionTouches }: StatementFacts,
  { codeStart, codeEnd }: SqlStatement,
  text: string,
): Finding | undefined {
  const isSet = sessionTouches.some(
    (touch) => touch.kind === 'setting' && touch.name === 'standard_conforming_strings',
  )
  if (command !== 'SET' || !isSet) return undefined
  if (STRINGS_ON.has(readValue(text, { start: codeStart, end: codeEnd }))) return undefined
  const help = "remove it, and write strings with backslash escapes as E'…'"
  return { code: 'TM1032', message: "with this setting, a backslash in '…' would escape a quote", help }
}

/** What `client_encoding` may be set to, without `_` and `-`: UTF-8, or back to where it was. */
const UTF8 = new Set(['utf8', 'unicode', 'default', 'current'])

/** A file is sent as UTF-8: under another encoding the server would store other letters than it says. */
function findEncoding(
  { command, sessionTouches }: StatementFacts,
  { codeStart, codeEnd }: SqlStatement,
  text: string,
): Finding | undefined {
  const isSet = sessionTouches.some(
    (touch) => touch.kind === 'setting' && (touch.name === 'client_encoding' || touch.name === 'names'),
  )
  if (command !== 'SET' || !isSet || !/\P{ASCII}/u.test(text)) return undefined
  const value = readValue(text, { start: codeStart, end: codeEnd }).replace(/[_-]/g, '')
  if (UTF8.has(value)) return undefined
  const help =
    'remove it: the file is sent as UTF-8, and the server converts it to the encoding of the database'
  return {
    code: 'TM1032',
    message: 'with this client encoding, the server would misread the file',
    help,
  }
}

/** The last word, string or number of a SET, lower case. */
function readValue(text: string, span: Span): string {
  let value = ''
  for (const { kind, start, end } of tokens(text, span)) {
    if (kind === 'word' || kind === 'string' || kind === 'number') value = text.slice(start, end)
  }
  return value.replaceAll("'", '').toLowerCase()
}
