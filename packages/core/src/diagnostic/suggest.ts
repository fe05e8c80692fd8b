import { editDistance } from './edit-distance.ts'

/**
 * Finds the candidate that a mistyped word most likely meant; undefined when nothing is near enough to be worth a guess.
 * Case is ignored. A word under six letters may be off by one edit, a longer one by two; ids may also have a wrong or missing number
 * (`users` for `005_users`). Ties go to the candidate that comes first.
 *
 * @example suggest('005_users', ['005_user', '001_posts']) // '005_user'
 */
export function suggest(word: string, candidates: Iterable<string>): string | undefined {
  const lower = word.toLowerCase()
  const limit = lower.length < 6 ? 1 : 2
  const name = nameOf(lower)
  let best: string | undefined
  let bestDistance = limit + 1
  for (const candidate of candidates) {
    const other = candidate.toLowerCase()
    let distance = editDistance(lower, other, limit)
    if (distance > limit && name.length >= 4 && name === nameOf(other)) distance = limit
    if (distance < bestDistance) {
      best = candidate
      bestDistance = distance
    }
  }
  return best
}

function nameOf(id: string): string {
  return id.replace(/^[0-9]+[._-]*/, '')
}
