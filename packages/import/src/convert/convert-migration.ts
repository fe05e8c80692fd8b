import {
  DEFAULT_HEADER,
  type Diagnostic,
  formatHeader,
  hasCode,
  type MigrationHeader,
  type MigrationId,
  parseMigration,
  scanSql,
} from '@tidemark/core'
import { changed } from '../foreign/findings.ts'
import type { ForeignMigration } from '../foreign/foreign-project.ts'
import { type ConvertedSection, convertSection } from './convert-section.ts'
import { guessType } from './guess-type.ts'
import { findTransactionChanges } from './transaction-findings.ts'

/** Where a converted migration goes. */
export interface ConversionPlace {
  readonly id: MigrationId
  /** The file, as messages name it. */
  readonly path: string
  readonly dependsOn: readonly MigrationId[]
  readonly trackingSchema: string
}

/** The text of a migration file. */
export interface ConvertedMigration {
  readonly text: string
  readonly transaction: MigrationHeader['transaction']
  readonly reversible: boolean
  /** What changed, what needs review, and what `validate` reports about the file. */
  readonly findings: readonly Diagnostic[]
}

/** Writes one migration of another tool as a migration file, and reads it back as a check. */
export function convertMigration(migration: ForeignMigration, place: ConversionPlace): ConvertedMigration {
  const up = convertSection(migration.up)
  const down = migration.down && convertSection(migration.down)
  const sections = [up, ...(down === undefined ? [] : [down])]
  const refuses = sections.some(({ statements }) => statements.some(({ facts }) => facts.refusesTransaction))
  const transaction = migration.transaction === 'none' || refuses ? 'none' : 'required'
  const text = formatHeader(place.id, header(migration, place, up, transaction)) + writeSections(up, down)
  const parsed = parseMigration({ path: place.path, text }, { trackingSchema: place.trackingSchema })
  const pairs = [
    { original: migration.up, converted: up },
    ...(migration.down === undefined || down === undefined
      ? []
      : [{ original: migration.down, converted: down }]),
  ]
  return {
    text,
    transaction,
    reversible: down !== undefined && isCode(down.text),
    findings: [
      ...sections.flatMap(({ findings }) => findings),
      ...(isCode(up.text)
        ? []
        : [changed(migration.up.source, undefined, 'it has no statement: "SELECT 1;" is added')]),
      ...findTransactionChanges(migration, transaction, pairs),
      ...(parsed.ok ? parsed.value.notes : parsed.error),
    ],
  }
}

function header(
  migration: ForeignMigration,
  { dependsOn }: ConversionPlace,
  up: ConvertedSection,
  transaction: MigrationHeader['transaction'],
): MigrationHeader {
  return {
    ...DEFAULT_HEADER,
    description: migration.description?.replace(/\s+/g, ' ').trim() ?? '',
    type: guessType(up.statements.map(({ facts }) => facts)),
    dependsOn,
    transaction,
    run: migration.run,
  }
}

/** A @down without a statement gets no marker; its comments stay. */
function writeSections(up: ConvertedSection, down: ConvertedSection | undefined): string {
  const upText = isCode(up.text) ? up.text : `${endLine(up.text)}SELECT 1;\n`
  const first = `\n-- @up\n${endLine(upText)}`
  if (down === undefined || down.text.trim() === '') return first
  if (!isCode(down.text)) return `${first}${endLine(down.text)}`
  const gap = first.endsWith('\n\n') ? '' : '\n'
  return `${first}${gap}-- @down\n${endLine(down.text)}`
}

function endLine(text: string): string {
  return text === '' || text.endsWith('\n') ? text : `${text}\n`
}

function isCode(text: string): boolean {
  return scanSql(text).statements.some((statement) => hasCode(text, statement))
}
