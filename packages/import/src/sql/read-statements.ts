import {
  hasCode,
  type PsqlLine,
  readStatementFacts,
  type Span,
  type SqlStatement,
  type StatementFacts,
  scanSql,
} from '@tidemark/core'
import type { ForeignSection } from '../foreign/foreign-project.ts'

/** A statement of a section; offsets are into the file. */
export interface ForeignStatement extends Span {
  readonly code: string
  readonly facts: StatementFacts
  readonly terminated: boolean
  /** True for the last statement before a place where the other tool ends a statement. */
  readonly beforeBoundary: boolean
}

/** The statements and psql lines of a section. */
export interface SectionContent {
  readonly statements: readonly ForeignStatement[]
  readonly psqlLines: readonly PsqlLine[]
}

/** Reads a section piece by piece, as the other tool does: a boundary ends a statement that has no `;`. */
export function readStatements({ source, span, directives, boundaries }: ForeignSection): SectionContent {
  const whole = blank(source.text, directives)
  const statements: ForeignStatement[] = []
  const psqlLines: PsqlLine[] = []
  let start = span.start
  for (const end of [...boundaries, span.end]) {
    const text = whole.slice(start, end)
    const scan = scanSql(text)
    const found = scan.statements.filter((statement) => hasCode(text, statement))
    for (const statement of found) {
      const beforeBoundary = statement === found.at(-1) && end !== span.end
      statements.push(describe(text, statement, start, beforeBoundary))
    }
    psqlLines.push(
      ...scan.psqlLines.map((line) => ({ ...line, start: line.start + start, end: line.end + start })),
    )
    start = end
  }
  return { statements, psqlLines }
}

/** Lines that only the other tool reads are no SQL. */
function blank(text: string, spans: readonly Span[]): string {
  const parts: string[] = []
  let at = 0
  for (const { start, end } of spans) {
    if (start < at) continue
    parts.push(text.slice(at, start), text.slice(start, end).replace(/[^\n]/g, ' '))
    at = end
  }
  return [...parts, text.slice(at)].join('')
}

function describe(
  text: string,
  statement: SqlStatement,
  offset: number,
  beforeBoundary: boolean,
): ForeignStatement {
  const { codeStart, codeEnd, terminated } = statement
  return {
    start: codeStart + offset,
    end: codeEnd + offset,
    code: text.slice(codeStart, codeEnd),
    facts: readStatementFacts(text, statement),
    terminated,
    beforeBoundary,
  }
}
