import { diagnose } from '../../diagnostic/diagnose.ts'
import type { Diagnostic } from '../../diagnostic/diagnostic.ts'
import { suggest } from '../../diagnostic/suggest.ts'
import type { SourceFile } from '../../text/source-file.ts'
import type { Span } from '../../text/span.ts'
import type { MigrationHeader, MigrationType } from '../model/migration.ts'
import { idInWords, isMigrationId } from '../model/migration-id.ts'
import { MIGRATION_TYPES } from '../model/migration-words.ts'
import { DEFAULT_HEADER } from './default-header.ts'
import { parseDuration } from './duration.ts'
import { readHeaderBatches } from './header-batches.ts'
import { findHeaderEntries, type HeaderEntries, type HeaderEntry } from './header-entries.ts'
import { HEADER_KEYS, type HeaderField } from './header-keys.ts'
import type { HeaderLine } from './header-lines.ts'
import { readHeaderList } from './header-list.ts'
import { readHeaderVariables } from './header-variables.ts'

/** A header as parsed, defaults filled in, with the places that later checks point at. */
export interface ParsedHeader {
  readonly header: MigrationHeader
  readonly dependsOnSpans: readonly Span[]
  readonly replacesSpans: readonly Span[]
  /** The value of `Batches`. */
  readonly batchesSpan: Span | undefined
  readonly diagnostics: readonly Diagnostic[]
}

/**
 * Reads a header: every key of the format, case-insensitive, in any order, each at most once. A value that
 * cannot be read is reported and has its default, so that all problems are found at once.
 *
 * @param id the file's name without `.sql`, which `Migration` must repeat.
 */
export function parseHeader(source: SourceFile, id: string, lines: readonly HeaderLine[]): ParsedHeader {
  const found = findHeaderEntries(source, lines)
  const reader = new HeaderReader(source, found)
  reader.checkId(id)
  const dependsOn = reader.readList('dependsOn')
  const replaces = reader.readList('replaces')
  const header: MigrationHeader = {
    description: reader.readText('description') ?? idInWords(id),
    type: reader.readType(),
    dependsOn: dependsOn.items,
    transaction: reader.readChoice('transaction', ['required', 'none']) ?? DEFAULT_HEADER.transaction,
    run: reader.readChoice('run', ['once', 'on_change']) ?? DEFAULT_HEADER.run,
    lockTimeoutMs: reader.readDuration('lockTimeoutMs'),
    statementTimeoutMs: reader.readDuration('statementTimeoutMs'),
    role: reader.readRole(),
    blocking: reader.readChoice('blocking', ['true', 'false']) !== 'false',
    replaces: replaces.items,
    tags: reader.readList('tags').items,
    ...reader.readEnvironments(),
    ...reader.readVariables(),
    ...reader.readBatches(),
  }
  const { diagnostics } = reader
  return {
    header,
    dependsOnSpans: dependsOn.spans,
    replacesSpans: replaces.spans,
    batchesSpan: found.entries.get('batches')?.value[0],
    diagnostics,
  }
}

const EMPTY_LIST = { items: [], spans: [], diagnostics: [] }
const ROLE_MAX_BYTES = 63

class HeaderReader {
  readonly diagnostics: Diagnostic[]
  private readonly source: SourceFile
  private readonly entries: HeaderEntries['entries']

  constructor(source: SourceFile, found: HeaderEntries) {
    this.source = source
    this.entries = found.entries
    this.diagnostics = [...found.diagnostics]
  }

  checkId(id: string): void {
    const entry = this.entries.get('id')
    if (entry === undefined || !isMigrationId(id)) return
    const written = this.findValue(entry)
    if (written === id) return
    const span = isBlank(entry) ? entry.key : entry.value[0]
    const message = `the header has the id "${written}", but the file is named "${id}"`
    const help = `write "-- Migration: ${id}", or rename the file`
    this.diagnostics.push(diagnose(this.source, { code: 'TM1002', span, message, help }))
  }

  readText(field: HeaderField): string | undefined {
    const entry = this.entries.get(field)
    return entry === undefined || isBlank(entry) ? undefined : this.findValue(entry)
  }

  readType(): MigrationType {
    const entry = this.entries.get('type')
    if (entry === undefined) return DEFAULT_HEADER.type
    const written = this.findValue(entry)
    const parsed = MIGRATION_TYPES.find((type) => type === written.toLowerCase())
    if (parsed !== undefined) return parsed
    const meant = suggest(written, MIGRATION_TYPES)
    const help = meant === undefined ? `use one of ${MIGRATION_TYPES.join(', ')}` : `did you mean "${meant}"?`
    this.report('TM1006', entry, isBlank(entry) ? 'no type after "Type:"' : `unknown type "${written}"`, help)
    return DEFAULT_HEADER.type
  }

  readChoice<const T extends string>(field: HeaderField, choices: readonly T[]): T | undefined {
    const entry = this.entries.get(field)
    if (entry === undefined) return undefined
    const written = this.findValue(entry).toLowerCase()
    const choice = choices.find((candidate) => candidate === written)
    if (choice === undefined) {
      const help = `use one of ${choices.map((candidate) => `"${candidate}"`).join(', ')}`
      this.report(
        'TM1007',
        entry,
        `"${this.findValue(entry)}" is not a valid value of "${HEADER_KEYS[field]}"`,
        help,
      )
    }
    return choice
  }

  readDuration(field: HeaderField): number | null {
    const entry = this.entries.get(field)
    if (entry === undefined) return null
    const ms = parseDuration(this.findValue(entry))
    if (ms !== undefined) return ms
    const help =
      'write a number with a unit (ms, s, min, h), such as "5s", up to 24 days, or "0" for no limit'
    this.report('TM1008', entry, `"${this.findValue(entry)}" is not a valid duration`, help)
    return null
  }

  readRole(): string | null {
    const entry = this.entries.get('role')
    if (entry === undefined) return null
    const role = this.findValue(entry)
    if (role === '' || /["'\p{Cc}]/u.test(role) || new TextEncoder().encode(role).length > ROLE_MAX_BYTES) {
      const help = `write the role name as in pg_roles, without quotes, at most ${ROLE_MAX_BYTES} bytes`
      this.report(
        'TM1007',
        entry,
        role === '' ? 'no role after "Role:"' : `"${role}" is not a valid role name`,
        help,
      )
      return null
    }
    return role
  }

  readList(field: HeaderField): ReturnType<typeof readHeaderList> {
    const entry = this.entries.get(field)
    if (entry === undefined) return EMPTY_LIST
    const list = readHeaderList(this.source, entry)
    for (const diagnostic of list.diagnostics) this.diagnostics.push(diagnostic)
    return list
  }

  /** Without the key a file is for every environment; a list of none would be a file for nobody. */
  readEnvironments(): Pick<MigrationHeader, 'environments'> {
    const entry = this.entries.get('environments')
    if (entry === undefined) return {}
    const { items, diagnostics } = this.readList('environments')
    if (items.length === 0 && diagnostics.length === 0) {
      const help =
        'name at least one, such as "-- Environments: [development, test]"; a file for all has no such line'
      this.report('TM1009', entry, '"Environments" names no environment', help)
    }
    return { environments: items }
  }

  readVariables(): Pick<MigrationHeader, 'variables'> {
    const entry = this.entries.get('variables')
    if (entry === undefined) return {}
    const { variables, diagnostics } = readHeaderVariables(this.source, entry)
    for (const diagnostic of diagnostics) this.diagnostics.push(diagnostic)
    return { variables }
  }

  readBatches(): Pick<MigrationHeader, 'batches'> {
    const entry = this.entries.get('batches')
    if (entry === undefined) return {}
    const { batches, diagnostics } = readHeaderBatches(this.source, entry)
    for (const diagnostic of diagnostics) this.diagnostics.push(diagnostic)
    return batches === undefined ? {} : { batches }
  }

  private findValue(entry: HeaderEntry): string {
    return this.source.text.slice(entry.value[0].start, entry.value[0].end)
  }

  private report(
    code: 'TM1006' | 'TM1007' | 'TM1008' | 'TM1009',
    entry: HeaderEntry,
    message: string,
    help: string,
  ): void {
    const span = isBlank(entry) ? entry.key : entry.value[0]
    this.diagnostics.push(diagnose(this.source, { code, span, message, help }))
  }
}

function isBlank(entry: HeaderEntry): boolean {
  return entry.value[0].start >= entry.value[0].end
}
