import { createHash } from 'node:crypto'
import {
  isReversible,
  type Migration,
  type MigrationHeader,
  type MigrationSection,
  sectionText,
} from '@tidemark/core'
import type { StoredHeader, StoredSections } from '../../statement/tracking-tables.ts'

/** What a file becomes in `schema_migrations`: the columns that the file alone decides. */
export interface StoredFile extends StoredSections {
  readonly id: string
  readonly name: string
  readonly description: string
  readonly migration_type: string
  readonly depends_on: readonly string[]
  readonly checksum: string
  readonly header: MigrationHeader & Pick<StoredHeader, 'template' | 'reversible'>
}

/**
 * Gives what the database stores of a file. `down_sql` is null when it is irreversible and empty for a merge
 * point. COPY data of `@up` is not stored: its size and hash replace it. `@down` is whole, since it is what a
 * rollback runs. Of a file with variables that is with the values that are not secret; the header holds the
 * sections as they are written, and what a check showed of `@down`.
 */
export function storedFile(migration: Migration): StoredFile {
  const { template = migration, recorded = migration } = migration.stored ?? {}
  const { id, checksum, header, downVerdict } = migration
  return {
    id,
    name: nameOfId(id),
    description: header.description,
    migration_type: header.type,
    ...sectionsOf(recorded),
    depends_on: header.dependsOn,
    checksum,
    header: {
      ...header,
      ...(header.variables === undefined ? {} : { template: sectionsOf(template) }),
      ...(downVerdict === undefined ? {} : { reversible: downVerdict }),
    },
  }
}

function sectionsOf(migration: Migration): StoredSections {
  return {
    up_sql: textWithoutData(migration, migration.up),
    down_sql: isReversible(migration) ? wholeText(migration, migration.down) : null,
    verify_sql: migration.verify === undefined ? null : wholeText(migration, migration.verify),
  }
}

/**
 * Gives an id without its leading digits, `_` and `-` as spaces; an id of digits alone is its own name.
 *
 * @example nameOfId('001_create_user_profiles') // 'create user profiles'
 */
export function nameOfId(id: string): string {
  const name = id.replace(/^\d+/, '').replace(/[_-]/g, ' ').trim()
  return name === '' ? id : name
}

function wholeText(migration: Migration, section: MigrationSection | undefined): string {
  return section === undefined ? '' : sectionText(migration, section)
}

function textWithoutData(migration: Migration, section: MigrationSection): string {
  // The digest of a large file has them in place of the data already.
  if (migration.large !== undefined) return wholeText(migration, section)
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
  const bytes = Buffer.from(data, 'utf8')
  const hash = createHash('sha256').update(bytes).digest('hex')
  return `-- tidemark: ${bytes.length} bytes, sha256 ${hash}\n`
}
