import { findNearMiss } from '../header/find-near-miss.ts'

/** The sections of a file, by the word of their marker. */
export const SECTION_NAMES = ['up', 'down', 'verify'] as const

/** See {@link SECTION_NAMES}. */
export type SectionName = (typeof SECTION_NAMES)[number]

const MISSPELT_UP: ReadonlySet<string> = new Set(['upp', 'pu', 'ups'])
const LONGER_NAMES = SECTION_NAMES.filter((name) => name !== 'up')

/**
 * Tells whether a marker's word, in lower case, names a section.
 *
 * @example isSectionName('verify') // true
 */
export function isSectionName(word: string): word is SectionName {
  return word === 'up' || word === 'down' || word === 'verify'
}

/**
 * Finds the section that a misspelt marker meant; undefined for every other word, which is an ordinary
 * comment (`-- @omit`). `up` is so short that only `upp`, `pu` and `ups` count.
 *
 * @param word in lower case.
 */
export function findMeantSection(word: string): SectionName | undefined {
  if (isSectionName(word)) return undefined
  if (MISSPELT_UP.has(word)) return 'up'
  return LONGER_NAMES.find((name) => name === findNearMiss(word, LONGER_NAMES))
}

/**
 * Tells whether `-- @word` matters to a migration file: it names a section, or nearly so.
 *
 * @example ['up', 'dwon', 'omit'].filter(isMarkerWord) // ['up', 'dwon']
 */
export function isMarkerWord(word: string): boolean {
  return isSectionName(word) || findMeantSection(word) !== undefined
}
