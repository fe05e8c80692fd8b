import { sha256Hex } from '../checksum/checksum.ts'
import { normalizeText } from '../checksum/normalize-text.ts'
import { diagnose } from '../diagnostic/diagnose.ts'
import type { Diagnostic } from '../diagnostic/diagnostic.ts'
import { sortDiagnostics } from '../diagnostic/sort-diagnostics.ts'
import { err, ok, type Result } from '../result.ts'
import { scanSql } from '../sql/scan.ts'
import type { SourceFile } from '../text/source-file.ts'
import { listHeaderLines } from './header/header-lines.ts'
import { parseHeader } from './header/parse-header.ts'
import type { Migration } from './model/migration.ts'
import { ID_RULE, idFromPath, isMigrationId, proposeId } from './model/migration-id.ts'
import { checkBatches } from './sections/check-batches.ts'
import { checkSections } from './sections/check-sections.ts'
import { readSections } from './sections/read-sections.ts'
import { describeScanProblems } from './sections/scan-problems.ts'
import { isMarkerWord } from './sections/section-names.ts'

/** What {@link parseMigration} needs to know besides the file. */
export interface ParseMigrationOptions {
  /** The schema of the tracking tables, which no file may drop. Default `public`. */
  readonly trackingSchema?: string
}

/** A migration, with warnings and notes that do not refuse it. */
export interface ParsedMigration {
  readonly migration: Migration
  readonly notes: readonly Diagnostic[]
}

/**
 * Reads one migration file: header, sections, statements, checksum. Never throws; the text may come with a
 * BOM and any line ends.
 *
 * @returns the migration with its notes, or every problem of the file (TM1xxx), in the order of their places.
 * @example
 * const parsed = parseMigration({ path: 'migrations/001_users.sql', text: '-- @up\nCREATE TABLE users (id int);\n' })
 * if (parsed.ok) console.log(parsed.value.migration.id) // 001_users
 */
export function parseMigration(
  file: SourceFile,
  options: ParseMigrationOptions = {},
): Result<ParsedMigration, readonly Diagnostic[]> {
  const source: SourceFile = { path: file.path, text: normalizeText(file.text) }
  const id = idFromPath(source.path)
  const scan = scanSql(source.text, { markers: isMarkerWord })
  const { sections, headerEnd, diagnostics: sectionProblems } = readSections(source, scan)
  const lines = listHeaderLines(source.text, headerEnd)
  const {
    header,
    dependsOnSpans,
    replacesSpans,
    batchesSpan,
    diagnostics: headerProblems,
  } = parseHeader(source, id, lines)
  const up = sections.get('up')
  const parts = { up, down: sections.get('down'), verify: sections.get('verify') }
  const batchProblems = checkBatches(source, header, { sections: parts, place: batchesSpan })
  const refused = new Set(batchProblems.map(({ span }) => span?.start))
  const found = [
    ...(isMigrationId(id) ? [] : [wrongId(source, id)]),
    ...describeScanProblems(source, scan),
    ...sectionProblems,
    ...headerProblems,
    ...batchProblems,
    ...checkSections(source, header, parts, {
      scan,
      trackingSchema: options.trackingSchema ?? 'public',
    }).filter(({ span }) => span === undefined || !refused.has(span.start)),
  ]
  const diagnostics = found.length > 1 ? sortDiagnostics(found) : found
  if (up === undefined || diagnostics.some(({ severity }) => severity === 'error')) return err(diagnostics)
  const checksum = sha256Hex(source.text)
  const migration = { id, source, header, dependsOnSpans, replacesSpans, ...parts, up, checksum }
  return ok({ migration, notes: diagnostics })
}

function wrongId(source: SourceFile, id: string): Diagnostic {
  const proposal = proposeId(id)
  const rename = proposal === undefined ? 'rename the file' : `rename the file to "${proposal}.sql"`
  const message = `"${id}" is not a valid migration id`
  return diagnose(source, { code: 'TM1003', span: undefined, message, help: `${rename}: ${ID_RULE}` })
}
