import { sha256Hex } from '../../checksum/checksum.ts'
import { type Migration, type MigrationSection, sectionText } from '../model/migration.ts'

/**
 * Gives the text of an `@up` as the tracking table keeps it: trimmed, and the data of every COPY replaced by
 * one line with its size and hash. `@down` and `@verify` are kept whole, since they are what a later run
 * executes: `sectionText`.
 *
 * @example storedSectionText(migration, migration.up) // 'CREATE TABLE users (id int);'
 */
export function storedSectionText(
  migration: Pick<Migration, 'source' | 'large'>,
  section: MigrationSection,
): string {
  // The digest of a large file has it already.
  if (migration.large !== undefined) return sectionText(migration, section)
  if (!section.statements.some(({ copyData }) => copyData !== undefined))
    return sectionText(migration, section)
  const { text } = migration.source
  const parts: string[] = []
  let end = section.body.start
  for (const { copyData } of section.statements) {
    if (copyData === undefined) continue
    parts.push(text.slice(end, copyData.start), describeData(text.slice(copyData.start, copyData.end)))
    end = copyData.end
  }
  parts.push(text.slice(end, section.body.end))
  return parts.join('').trim()
}

function describeData(data: string): string {
  const sizeBytes = new TextEncoder().encode(data).length
  return `-- tidemark: ${sizeBytes} bytes, sha256 ${sha256Hex(data)}\n`
}
