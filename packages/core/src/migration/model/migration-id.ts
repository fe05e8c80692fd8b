const ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,254}$/

/** What an id may be, in words, for help texts. */
export const ID_RULE = 'letters, digits, ".", "_" and "-", a letter or digit first, at most 255 characters'

/**
 * Tells whether a text may be a migration's id: the same rule as `MigrationIdSchema`, without the schema's
 * cost.
 *
 * @example isMigrationId('001 users') // false
 */
export function isMigrationId(text: string): boolean {
  return ID.test(text)
}

/**
 * Tells whether a file's name is that of a migration. Where upper and lower case are the same, `.SQL` is the
 * same ending, so it is everywhere.
 *
 * @example isSqlFile('001_users.SQL') // true
 */
export function isSqlFile(name: string): boolean {
  return name.endsWith('.sql') || /\.sql$/i.test(name)
}

/**
 * Gives the id of a file's path: its base name without `.sql`, whether or not that is a valid id.
 * A path without `/` may be one of Windows: then `\` separates.
 *
 * @example idFromPath('migrations/billing/001_users.sql') // '001_users'
 */
export function idFromPath(path: string): string {
  const base = path.slice(path.lastIndexOf(path.includes('/') ? '/' : '\\') + 1)
  return isSqlFile(base) ? base.slice(0, -'.sql'.length) : base
}

/**
 * Gives an id in words: leading digits dropped, `_` and `-` as spaces. An id of digits alone stays as it is.
 *
 * @example idInWords('002_create_website-tracking') // 'create website tracking'
 */
export function idInWords(id: string): string {
  const words = id
    .replace(/^[0-9]+/, '')
    .replace(/[_-]+/g, ' ')
    .trim()
  return words === '' ? id : words
}

/** Latin letters that are no other letter with a mark. */
const LETTERS: ReadonlyMap<string, string> = new Map([
  ['ß', 'ss'],
  ['æ', 'ae'],
  ['œ', 'oe'],
  ['ø', 'o'],
  ['ð', 'd'],
  ['đ', 'd'],
  ['ł', 'l'],
  ['þ', 'th'],
  ['ı', 'i'],
])

/**
 * Proposes a valid id near an invalid one; undefined when nothing usable is left of it.
 *
 * @example proposeId('001 créer utilisateurs') // '001_creer_utilisateurs'
 */
export function proposeId(text: string): string | undefined {
  const plain = text
    .replace(/[ßæœøðđłþı]/giu, (letter) => LETTERS.get(letter.toLowerCase()) ?? letter)
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
  const id = plain.replace(/[^A-Za-z0-9._-]+/g, '_').replace(/^[^A-Za-z0-9]+|_+$/g, '')
  return isMigrationId(id) ? id : undefined
}
