import { diagnose } from '../../diagnostic/diagnose.ts'
import type { Diagnostic } from '../../diagnostic/diagnostic.ts'
import { hasCode } from '../../sql/has-code.ts'
import type { LooseMarker, SqlMarker, SqlScan, SqlStatement } from '../../sql/statement.ts'
import type { SourceFile } from '../../text/source-file.ts'
import type { MigrationSection } from '../model/migration.ts'
import { findMeantSection, isSectionName, type SectionName } from './section-names.ts'

/** The sections of a file by name, and what is wrong with their markers. */
export interface ReadSections {
  readonly sections: ReadonlyMap<SectionName, MigrationSection>
  /** Where the header ends at the latest: the first marker's line, or the end. */
  readonly headerEnd: number
  readonly diagnostics: readonly Diagnostic[]
}

/**
 * Cuts a file into its sections at the markers that stand at the top level. TM1001 no `@up`, TM1010 a near
 * miss, TM1011 a second one, TM1012 inside a statement, TM1013 with text beside it, TM1014 a statement before
 * the first.
 */
export function readSections(source: SourceFile, scan: SqlScan): ReadSections {
  const diagnostics = [
    ...scan.markers.flatMap((marker) => checkMarker(source, marker)),
    ...scan.looseMarkers.filter(({ name }) => isSectionName(name)).map((loose) => besideText(source, loose)),
  ]
  const markers = scan.markers.filter((marker) => marker.place === 'top')
  const sections = new Map<SectionName, MigrationSection>()
  let next = 0
  for (const [index, marker] of markers.entries()) {
    const end = markers[index + 1]?.line.start ?? source.text.length
    const statements: SqlStatement[] = []
    for (; next < scan.statements.length; next += 1) {
      const statement = scan.statements[next]
      if (statement === undefined || statement.start >= end) break
      if (statement.start >= marker.line.end && hasCode(source.text, statement)) statements.push(statement)
    }
    if (!isSectionName(marker.name)) continue
    const earlier = sections.get(marker.name)
    if (earlier !== undefined) diagnostics.push(secondMarker(source, marker, earlier))
    else
      sections.set(marker.name, { marker: spanOf(marker), body: { start: marker.line.end, end }, statements })
  }
  const headerEnd = markers[0]?.line.start ?? source.text.length
  diagnostics.push(...checkStart(source, scan, headerEnd, markers))
  return { sections, headerEnd, diagnostics }
}

function spanOf({ start, end }: SqlMarker): MigrationSection['marker'] {
  return { start, end }
}

/** Tells what is wrong with a marker by itself: TM1010, TM1012. */
export function checkMarker(source: SourceFile, marker: SqlMarker): Diagnostic[] {
  const span = spanOf(marker)
  const meant = findMeantSection(marker.name)
  if (meant !== undefined) {
    const message = `unknown marker "@${marker.name}"`
    return [diagnose(source, { code: 'TM1010', span, message, help: `did you mean "@${meant}"?` })]
  }
  if (marker.place === 'top') return []
  const message = `the marker "@${marker.name}" is inside an unfinished statement`
  const help = 'close the parenthesis or the BEGIN ATOMIC body before it'
  return [diagnose(source, { code: 'TM1012', span, message, help })]
}

/** TM1010 or TM1013: what looks like a section's marker and is none. */
export function besideText(source: SourceFile, { start, end, name, reason }: LooseMarker): Diagnostic {
  return diagnose(source, {
    code: reason === 'misspelt' ? 'TM1010' : 'TM1013',
    span: { start, end },
    message: describeLoose(source.text.slice(start, end), name, reason),
    help:
      reason === 'misspelt'
        ? `did you mean "-- @${name}"?`
        : `put "-- @${name}" on a line of its own; if it is an ordinary comment, do not begin it with "@${name}"`,
  })
}

function describeLoose(comment: string, name: string, reason: LooseMarker['reason']): string {
  switch (reason) {
    case 'text_after':
      return `"-- @${name}" followed by text is not a marker`
    case 'code_before':
      return `"-- @${name}" preceded by SQL is not a marker`
    case 'misspelt':
      return `"${comment}" is not a marker`
  }
}

function secondMarker(source: SourceFile, marker: SqlMarker, earlier: MigrationSection): Diagnostic {
  return diagnose(source, {
    code: 'TM1011',
    span: spanOf(marker),
    message: `"@${marker.name}" appears twice`,
    help: 'a file can have each section only once: merge the two, or create a second file',
    related: [{ message: 'the first is here', source, span: earlier.marker }],
  })
}

function checkStart(
  source: SourceFile,
  scan: SqlScan,
  headerEnd: number,
  markers: readonly SqlMarker[],
): Diagnostic[] {
  const first = scan.statements.find((statement) => hasCode(source.text, statement))
  const span = first === undefined ? undefined : { start: first.codeStart, end: first.codeEnd }
  const hasUp = scan.markers.some(({ name }) => name === 'up' || findMeantSection(name) === 'up')
  const isCutOff = scan.problems.some(({ kind }) => kind === 'unterminated')
  const hasLooseUp = scan.looseMarkers.some(({ name }) => name === 'up')
  const diagnostics: Diagnostic[] = []
  if (!hasUp && !isCutOff && !hasLooseUp) {
    const help = markers.length === 0 ? PLAIN_FILE : 'add a line "-- @up" before the SQL that applies it'
    diagnostics.push(
      diagnose(source, { code: 'TM1001', span: undefined, message: 'no "-- @up" marker', help }),
    )
  }
  if (span !== undefined && markers.length > 0 && span.start < headerEnd) {
    const help = `move it below a marker such as "-- @up"`
    diagnostics.push(
      diagnose(source, { code: 'TM1014', span, message: 'a statement before the first marker', help }),
    )
  }
  return diagnostics
}

const PLAIN_FILE =
  'add a line "-- @up" before the SQL; to make it reversible, add "-- @down" and the SQL that reverts it'
