import {
  DEFAULT_HEADER,
  type Diagnostic,
  formatHeader,
  type MigrationHeader,
  type MigrationId,
  parseMigration,
} from '@tidemark/core'
import { changed } from '../foreign/findings.ts'
import type { ForeignMigration, ForeignSection } from '../foreign/foreign-project.ts'
import { hasStatement } from '../foreign/has-statement.ts'
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
  const verify = migration.verify && convertSection(migration.verify)
  const sections = [up, ...(down === undefined ? [] : [down])]
  const refuses = sections.some(({ statements }) => statements.some(({ facts }) => facts.refusesTransaction))
  const transaction = migration.transaction === 'none' || refuses ? 'none' : 'required'
  const text =
    formatHeader(place.id, header(migration, place, up, transaction)) + writeSections(up, down, verify)
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
    reversible: down !== undefined,
    findings: [
      ...[...sections, ...(verify === undefined ? [] : [verify])].flatMap(({ findings }) => findings),
      ...pairs.flatMap(({ original, converted }) =>
        hasStatement(converted.text) ? [] : [describeEmpty(original, migration)],
      ),
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
    tags: [...(migration.tags ?? [])],
    ...(migration.environments === undefined ? {} : { environments: [...migration.environments] }),
    ...(migration.variables === undefined || migration.variables.length === 0
      ? {}
      : { variables: migration.variables.map((name) => ({ name, secret: false })) }),
  }
}

/** A section without a statement does nothing, as with the other tool; its comments stay. */
function writeSections(
  up: ConvertedSection,
  down: ConvertedSection | undefined,
  verify: ConvertedSection | undefined,
): string {
  const parts = [
    `\n-- @up\n${fill(up)}`,
    ...(down === undefined ? [] : [`-- @down\n${fill(down)}`]),
    ...(verify === undefined ? [] : [`-- @verify\n${endLine(verify.text)}`]),
  ]
  return parts.reduce((before, part) => `${before}${before.endsWith('\n\n') ? '' : '\n'}${part}`)
}

function fill({ text }: ConvertedSection): string {
  if (hasStatement(text)) return endLine(text)
  return text.trim() === '' ? 'SELECT 1;\n' : `${endLine(text)}SELECT 1;\n`
}

function describeEmpty(section: ForeignSection, { up }: ForeignMigration): Diagnostic {
  const message =
    section === up ? 'it has no statement' : 'rolling it back does nothing, as with the other tool'
  return changed(section.source, undefined, `${message}: "SELECT 1;" is added`)
}

function endLine(text: string): string {
  return text === '' || text.endsWith('\n') ? text : `${text}\n`
}
