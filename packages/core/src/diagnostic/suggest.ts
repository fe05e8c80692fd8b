import { editDistance } from './edit-distance.ts'

/**
 * Finds the candidate that a mistyped word most likely meant; undefined when nothing is near enough to be
 * worth a guess. Case is ignored. A word under six letters may be off by one edit, a longer one by two, but
 * never by all that it says. Of ids whose names are equal and whose numbers are not (`users` for `005_users`)
 * the only one is meant, of several none. Ties go to the candidate that comes first.
 *
 * @example suggest('005_users', ['005_user', '001_posts']) // '005_user'
 */
export function suggest(word: string, candidates: Iterable<string>): string | undefined {
  const lower = word.toLowerCase()
  const limit = lower.length < 6 ? 1 : 2
  const name = nameOf(lower)
  const namesakes: string[] = []
  let best: string | undefined
  let bestDistance = limit + 1
  for (const candidate of candidates) {
    const other = candidate.toLowerCase()
    const distance = editDistance(lower, other, bestDistance - 1)
    if (distance < bestDistance && sharesName(name, other)) {
      best = candidate
      bestDistance = distance
      if (distance === 0) break
    } else if (name.length >= 4 && namesakes.length < 2 && other.endsWith(name) && nameOf(other) === name) {
      namesakes.push(candidate)
    }
  }
  return best ?? (namesakes.length === 1 ? namesakes[0] : undefined)
}

/** `001_a` is not nearly `001_b`: of the name nothing is left. */
function sharesName(name: string, other: string): boolean {
  return name === '' ? /[0-9]/.test(other) : editDistance(name, nameOf(other), 2) < name.length
}

function nameOf(id: string): string {
  return id.replace(/^[0-9]+[._-]*/, '')
}
