import type { HeaderVariable, MigrationHeader, MigrationId } from '../model/migration.ts'
import { idInWords } from '../model/migration-id.ts'
import { formatDuration } from './duration.ts'
import { formatBatches } from './header-batches.ts'
import { HEADER_KEYS, type HeaderField } from './header-keys.ts'

/** Which lines {@link formatHeader} writes. */
export interface FormatHeaderOptions {
  /**
   * Also writes what has its default value. `Migration`, `Description`, `Type` and `Depends on` are always
   * written.
   */
  readonly defaults?: 'omit' | 'write'
}

/**
 * Writes a header as comment lines, in the order of the documentation, with a line break at the end.
 * `parseMigration` reads the same header back. Timeouts that stand at the configured default (null) have no
 * line.
 *
 * @example formatHeader('001_users', header) // '-- Migration: 001_users\n-- Description: users\n-- Type: create_table\n-- Depends on: []\n'
 */
export function formatHeader(
  id: MigrationId,
  header: MigrationHeader,
  { defaults = 'omit' }: FormatHeaderOptions = {},
): string {
  const isWritten = (isDefault: boolean): boolean => defaults === 'write' || !isDefault
  const lines: (readonly [HeaderField, string | null, boolean])[] = [
    ['id', id, true],
    ['description', header.description === '' ? idInWords(id) : header.description, true],
    ['type', header.type, true],
    ['dependsOn', formatList(header.dependsOn), true],
    ['transaction', header.transaction, isWritten(header.transaction === 'required')],
    ['run', header.run, isWritten(header.run === 'once')],
    ['lockTimeoutMs', formatTimeout(header.lockTimeoutMs), true],
    ['statementTimeoutMs', formatTimeout(header.statementTimeoutMs), true],
    ['role', header.role, true],
    ['blocking', String(header.blocking), isWritten(header.blocking)],
    ['replaces', formatList(header.replaces), isWritten(header.replaces.length === 0)],
    ['tags', formatList(header.tags), isWritten(header.tags.length === 0)],
    ['environments', header.environments === undefined ? null : formatList(header.environments), true],
    [
      'variables',
      header.variables === undefined ? null : formatList(header.variables.map(nameVariable)),
      true,
    ],
    ['batches', header.batches === undefined ? null : formatBatches(header.batches), true],
  ]
  return lines
    .filter(([, value, written]) => written && value !== null)
    .map(([field, value]) => `-- ${HEADER_KEYS[field]}: ${value}\n`)
    .join('')
}

function formatTimeout(ms: number | null): string | null {
  return ms === null ? null : formatDuration(ms)
}

function formatList(items: readonly string[]): string {
  return `[${items.join(', ')}]`
}

function nameVariable({ name, secret }: HeaderVariable): string {
  return secret ? `${name} secret` : name
}
