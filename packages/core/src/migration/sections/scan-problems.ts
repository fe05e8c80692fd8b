import { nulCharacter } from '../../checksum/canonical-text.ts'
import { diagnose } from '../../diagnostic/diagnose.ts'
import type { Diagnostic } from '../../diagnostic/diagnostic.ts'
import type { PsqlLine, ScanProblem, SqlScan, UnterminatedKind } from '../../sql/statement.ts'
import type { SourceFile } from '../../text/source-file.ts'

/** What each thing is called, and what ends it. */
const UNTERMINATED: Readonly<Record<UnterminatedKind, readonly [what: string, help: string]>> = {
  string: ['a string', `end it with a quote; a quote inside is written ''`],
  identifier: ['a quoted identifier', 'end it with a double quote'],
  dollar_quote: ['a dollar quote', 'end it with the same tag'],
  comment: ['a block comment', 'end it with "*/"; block comments nest'],
  copy_data: ['the data of a COPY', 'end it with a line that is exactly "\\."'],
  parenthesis: ['a parenthesis', 'close it with ")"'],
  atomic_body: ['a BEGIN ATOMIC body', 'close it with "END;"'],
}

/**
 * Turns what the scanner could not read, and psql lines, into diagnostics: TM1023, TM1024, TM1026, TM1027,
 * and the note TM1028.
 */
export function describeScanProblems(source: SourceFile, scan: SqlScan): Diagnostic[] {
  return [
    ...scan.problems.map((problem) => describeProblem(source, problem)),
    ...scan.psqlLines.map((line) => describePsqlLine(source, line)),
  ]
}

function describeProblem(source: SourceFile, problem: ScanProblem): Diagnostic {
  const { span } = problem
  switch (problem.kind) {
    case 'nul':
      return nulCharacter(source.path, source.text, span.start)
    case 'code_after_copy':
      return diagnose(source, {
        code: 'TM1027',
        span,
        message: 'SQL on the same line as COPY FROM stdin: its data begins on the next line',
        help: 'move it below the data, after the line "\\."',
      })
    case 'unterminated': {
      const [what, help] = UNTERMINATED[problem.what]
      return diagnose(source, { code: 'TM1024', span, message: `${what} begins here and never ends`, help })
    }
  }
}

function describePsqlLine(source: SourceFile, line: PsqlLine): Diagnostic {
  const { start, end, command, place } = line
  const span = { start, end }
  if (place === 'between' && (command === 'restrict' || command === 'unrestrict')) {
    const message = `"\\${command}", which pg_dump writes for psql, is ignored`
    return diagnose(source, { code: 'TM1028', severity: 'note', span, message })
  }
  const name = command || (source.text.slice(start + 1, end).match(/^\S/u)?.[0] ?? '')
  const message = `"\\${name}" is a psql command, not SQL`
  return diagnose(source, { code: 'TM1023', span, message, help: remedyFor(command) })
}

function remedyFor(command: string): string {
  switch (command) {
    case 'connect':
    case 'c':
      return 'remove the line: a migration runs in the configured database'
    case 'copy':
      return 'use "COPY … FROM stdin;" with the data below it and a line "\\."'
    case 'i':
    case 'ir':
    case 'include':
    case 'include_relative':
      return 'copy the SQL of that file here: a migration is one file'
    case 'set':
    case 'gset':
      return 'write the value itself: psql variables are not supported'
    default:
      return 'remove the line: only SQL is sent to the server'
  }
}
