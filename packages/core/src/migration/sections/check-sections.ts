import { diagnose } from '../../diagnostic/diagnose.ts'
import type { Diagnostic } from '../../diagnostic/diagnostic.ts'
import type { SqlScan } from '../../sql/statement.ts'
import type { SourceFile } from '../../text/source-file.ts'
import { isMergePoint, type MigrationHeader, type MigrationSection } from '../model/migration.ts'
import { checkStatement } from './check-statement.ts'

/** The sections of a file; without an `up` the file is refused elsewhere. */
export interface Sections {
  readonly up: MigrationSection | undefined
  readonly down: MigrationSection | undefined
  readonly verify: MigrationSection | undefined
}

/** What the checks of statements need besides the sections. */
export interface CheckContext {
  readonly scan: SqlScan
  readonly trackingSchema: string
}

/**
 * Checks the content of the sections: TM1015 and TM1016 for empty ones, and every statement by
 * `checkStatement`.
 */
export function checkSections(
  source: SourceFile,
  header: MigrationHeader,
  { up, down, verify }: Sections,
  context: CheckContext,
): Diagnostic[] {
  const isCutOff = context.scan.problems.some(({ kind }) => kind === 'unterminated')
  const diagnostics: Diagnostic[] = []
  if (!isCutOff) {
    if (up !== undefined && up.statements.length === 0 && !isMergePoint({ header, up })) {
      diagnostics.push(emptyUp(source, up))
    }
    if (down?.statements.length === 0) diagnostics.push(emptySection(source, down, 'down', NO_DOWN))
    if (verify?.statements.length === 0) diagnostics.push(emptySection(source, verify, 'verify', NO_VERIFY))
  }
  for (const [section, content] of [
    ['up', up],
    ['down', down],
    ['verify', verify],
  ] as const) {
    const place = { source, section, transaction: header.transaction, trackingSchema: context.trackingSchema }
    for (const statement of content?.statements ?? []) {
      const problem = checkStatement(statement, place)
      if (problem !== undefined) diagnostics.push(problem)
    }
  }
  return diagnostics
}

const NO_DOWN =
  'the migration cannot be rolled back; write the SQL that reverts it, or "SELECT 1;" if there is nothing to revert'
const NO_VERIFY = 'write a query whose first column is true, or remove the marker'

function emptyUp(source: SourceFile, up: MigrationSection): Diagnostic {
  const help =
    'write the SQL that applies the migration; only a merge point (Type: custom_sql, Tags: [merge], two dependencies or more) may have none'
  return diagnose(source, { code: 'TM1015', span: up.marker, message: '"@up" has no statement', help })
}

function emptySection(
  source: SourceFile,
  { marker }: MigrationSection,
  name: 'down' | 'verify',
  help: string,
): Diagnostic {
  const message = `"@${name}" has no statement`
  return diagnose(source, { code: 'TM1016', severity: 'warning', span: marker, message, help })
}
