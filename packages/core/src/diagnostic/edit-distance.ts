/**
 * Counts the insertions, deletions, replacements and swaps of neighbours that turn one word into the other
 * (Damerau–Levenshtein, optimal string alignment). Gives `limit + 1` as soon as it is certain to be more than
 * the limit. Made for small limits: words that differ early cost next to nothing, and nothing is allocated.
 *
 * @example editDistance('dwon', 'down', 2) // 1
 */
export function editDistance(a: string, b: string, limit: number): number {
  return distanceFrom(a, b, 0, 0, limit)
}

/** The distance of what is left of the words. The recursion is as deep as the limit. */
function distanceFrom(a: string, b: string, startA: number, startB: number, limit: number): number {
  let i = startA
  let j = startB
  while (i < a.length && j < b.length && a.charCodeAt(i) === b.charCodeAt(j)) {
    i += 1
    j += 1
  }
  const leftA = a.length - i
  const leftB = b.length - j
  if (leftA === 0 || leftB === 0) return Math.min(leftA + leftB, limit + 1)
  if (limit === 0 || Math.abs(leftA - leftB) > limit) return limit + 1
  let best = distanceFrom(a, b, i + 1, j + 1, limit - 1)
  if (best > 0) best = Math.min(best, distanceFrom(a, b, i + 1, j, best - 1))
  if (best > 0) best = Math.min(best, distanceFrom(a, b, i, j + 1, best - 1))
  if (best > 0 && isSwap(a, i, b, j)) best = Math.min(best, distanceFrom(a, b, i + 2, j + 2, best - 1))
  return best + 1
}

function isSwap(a: string, i: number, b: string, j: number): boolean {
  const hasTwo = i + 1 < a.length && j + 1 < b.length
  return hasTwo && a.charCodeAt(i) === b.charCodeAt(j + 1) && a.charCodeAt(i + 1) === b.charCodeAt(j)
}
