import { sha256Hex } from '../../checksum/checksum.ts'
import { compareCodeUnits } from '../../text/compare-code-units.ts'
import type { MigrationRow } from './history.ts'

/**
 * Names the state of a database: the first 16 hex digits of SHA-256 over the lines `id:checksum\n` of all
 * completed migrations, sorted by bytes. Two databases with the same migrations have the same version,
 * whatever the order of applying.
 *
 * @param rows all rows; those that are not completed count for nothing.
 * @example databaseVersion([]) // 'e3b0c44298fc1c14'
 */
export function databaseVersion(rows: readonly Pick<MigrationRow, 'id' | 'checksum' | 'status'>[]): string {
  const lines = rows.filter((row) => row.status === 'completed').map((row) => `${row.id}:${row.checksum}\n`)
  return sha256Hex(lines.sort(compareCodeUnits).join('')).slice(0, 16)
}
