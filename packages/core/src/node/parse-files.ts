import { hash } from 'node:crypto'
import { canonicalText } from '../checksum/canonical-text.ts'
import type { Diagnostic } from '../diagnostic/diagnostic.ts'
import { lazyMigration } from '../migration/lazy-migration.ts'
import type { Migration } from '../migration/model/migration.ts'
import { idFromPath } from '../migration/model/migration-id.ts'
import { type ParsedMigration, parseMigration } from '../migration/parse-migration.ts'
import type { Result } from '../result.ts'
import type { KnownFile, KnownFiles } from './known-files.ts'

/** Parses the files of one reading. Paths are as messages name them. */
export interface FileParser {
  /** Gives what is known of a file with these bytes; undefined when it is to be parsed. */
  recall(path: string, bytes: Uint8Array): Migration | undefined
  parse(path: string, bytes: Uint8Array): Result<ParsedMigration, readonly Diagnostic[]>
  /** To be called behind the last file. */
  done(): void
}

/** Parses files, and recalls those whose bytes are known. */
export function createFileParser(trackingSchema: string, known: KnownFiles | undefined): FileParser {
  if (known === undefined)
    return {
      recall: () => undefined,
      parse: (path, bytes) => parse(path, bytes, trackingSchema),
      done: () => {},
    }
  const files = new Map<string, KnownFile>()
  let count = 0
  return {
    recall: (path, bytes) => {
      const id = idFromPath(path)
      const file = known.find(id)
      if (file?.digest !== hash('sha256', bytes, 'hex')) return undefined
      files.set(id, file)
      return recall(path, bytes, file, trackingSchema)
    },
    parse: (path, bytes) => {
      const parsed = parse(path, bytes, trackingSchema)
      if (parsed.ok && parsed.value.notes.length === 0) {
        const { id, checksum, header } = parsed.value.migration
        files.set(id, { digest: hash('sha256', bytes, 'hex'), checksum, header })
        count += 1
      }
      return parsed
    },
    done: () => {
      if (count > 0) known.keep(files, count)
    },
  }
}

function parse(
  path: string,
  bytes: Uint8Array,
  trackingSchema: string,
): Result<ParsedMigration, readonly Diagnostic[]> {
  const text = canonicalText(bytes, path)
  return text.ok ? parseMigration({ path, text: text.value }, { trackingSchema }) : text
}

function recall(
  path: string,
  bytes: Uint8Array,
  { checksum, header }: KnownFile,
  trackingSchema: string,
): Migration {
  const readText = () => {
    const text = canonicalText(bytes, path)
    if (!text.ok) throw new TypeError(`"${path}" was recalled as a file without problems`)
    return text.value
  }
  return lazyMigration({ path, readText, checksum, header }, { trackingSchema })
}
