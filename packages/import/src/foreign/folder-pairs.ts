import { type ForeignFile, type ForeignText, hasText } from './foreign-project.ts'

/** One migration as a folder: `NAME/up.sql`, and perhaps `NAME/down.sql` beside it. */
export interface FolderPair {
  /** The path of the folder. */
  readonly folder: string
  readonly up: ForeignText
  readonly down: ForeignText | undefined
}

/**
 * Lists the folders that hold an `up.sql`.
 *
 * @example listFolderPairs(files)[0]?.folder // '2024-01-01-000000_users'
 */
export function listFolderPairs(files: readonly ForeignFile[]): readonly FolderPair[] {
  const texts = files.filter(hasText)
  const byName = new Map(texts.map((file) => [file.name, file]))
  return texts.flatMap((up) => {
    if (!up.name.endsWith('/up.sql')) return []
    const folder = up.name.slice(0, -'/up.sql'.length)
    return [{ folder, up, down: byName.get(`${folder}/down.sql`) }]
  })
}
