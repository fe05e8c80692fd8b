import { isSectionName, scanSql } from '@tidemark/core'
import { baseName, type ForeignFile, hasText } from './foreign/foreign-project.ts'
import type { FormatName } from './formats.ts'

/** What a folder holds: files of a format, or migrations of Tidemark. */
export type Recognized = FormatName | 'tidemark'

/**
 * Tells which tool wrote the files of a folder, by their names and marks; undefined when there is no SQL file at all.
 *
 * @param folder its path, with `/`: only that tells Supabase from plain files.
 */
export function recognizeFormat(files: readonly ForeignFile[], folder: string): Recognized | undefined {
  const has = (pattern: RegExp): boolean => files.some(({ name }) => pattern.test(name))
  const says = (pattern: RegExp): boolean =>
    files.some((file) => hasText(file) && file.name.endsWith('.sql') && pattern.test(file.text))
  if (has(/^meta\/_journal\.json$/)) return 'drizzle'
  if (has(/^[^/]+\/migration\.sql$/)) return has(/^[^/]+\/snapshot\.json$/) ? 'drizzle' : 'prisma'
  if (has(/^migration_lock\.toml$/)) return 'prisma'
  if (files.some(({ name }) => /^(V\d+([._]\d+)*|R)__.*\.sql$/.test(baseName(name)))) return 'flyway'
  if (has(/^\d+_[^/]*\.up\.sql$/)) return 'golang-migrate'
  if (says(/^--[ \t]*\+goose[ \t]+up\b/im)) return 'goose'
  if (says(/^--\s*migrate:up\b/m)) return 'dbmate'
  if (/(^|\/)supabase\/migrations\/?$/.test(folder)) return 'supabase'
  const sql = files.filter(hasText).filter(({ name }) => name.endsWith('.sql'))
  if (sql.length === 0) return undefined
  return sql.every(({ text }) => isOwn(text)) ? 'tidemark' : 'plain'
}

function isOwn(text: string): boolean {
  return scanSql(text, { markers: isSectionName }).markers.some(({ name }) => name === 'up')
}
