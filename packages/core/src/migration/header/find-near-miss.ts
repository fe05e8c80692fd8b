import { editDistance } from '../../diagnostic/edit-distance.ts'
import { COMMON_WORDS } from './common-words.ts'

const SHORT = 6

/**
 * Finds the word that was probably meant: one edit away for a word under six letters, and then with the same
 * first letter or as a swap of neighbours; two edits away for longer ones. Never for a common English word.
 * An exact match is no near miss.
 *
 * @param word in lower case.
 * @example findNearMiss('tpye', ['type', 'tags']) // 'type'
 */
export function findNearMiss(word: string, candidates: Iterable<string>): string | undefined {
  if (COMMON_WORDS.has(word)) return undefined
  const limit = word.length < SHORT ? 1 : 2
  let best: string | undefined
  let bestDistance = limit + 1
  for (const candidate of candidates) {
    const distance = editDistance(word, candidate, limit)
    if (distance === 0) return undefined
    if (distance >= bestDistance) continue
    if (word.length < SHORT && word[0] !== candidate[0] && !isSwap(word, candidate)) continue
    best = candidate
    bestDistance = distance
  }
  return best
}

function isSwap(a: string, b: string): boolean {
  return a.length === b.length && [...a].sort().join('') === [...b].sort().join('')
}
