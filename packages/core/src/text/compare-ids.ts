const ZERO = 48
const NINE = 57

/**
 * Orders ids as people number them: runs of digits by value, all else by code unit, so `2_b` precedes `10_a`.
 * A total order that depends on neither locale nor platform; ids that differ only in leading zeros are
 * ordered by code unit. Never overflows.
 *
 * @example ['10_a', '2_b', '002_a'].sort(compareIds) // ['002_a', '2_b', '10_a']
 */
export function compareIds(a: string, b: string): number {
  const shorter = Math.min(a.length, b.length)
  let at = 0
  while (at < shorter && a.charCodeAt(at) === b.charCodeAt(at)) at += 1
  if (at === shorter) return a.length - b.length
  let end = at
  while (isDigit(a, end) && isDigit(b, end)) end += 1
  // No digits here, or runs of the same length, in which the first difference decides.
  if (!isDigit(a, end) && !isDigit(b, end)) return a.charCodeAt(at) - b.charCodeAt(at)
  let start = at
  while (start > 0 && isDigit(a, start - 1)) start -= 1
  return compareFrom(a, start, b, start)
}

/** What is before these places is the same, and ends no run of digits in the middle. */
function compareFrom(a: string, startA: number, b: string, startB: number): number {
  let i = startA
  let j = startB
  while (i < a.length && j < b.length) {
    if (isDigit(a, i) && isDigit(b, j)) {
      const endA = endOfDigits(a, i)
      const endB = endOfDigits(b, j)
      const order = compareDigits(a, i, endA, b, j, endB)
      if (order !== 0) return order
      i = endA
      j = endB
    } else {
      const order = a.charCodeAt(i) - b.charCodeAt(j)
      if (order !== 0) return order
      i += 1
      j += 1
    }
  }
  const rest = a.length - i - (b.length - j)
  return rest !== 0 ? rest : a < b ? -1 : a > b ? 1 : 0
}

function isDigit(text: string, index: number): boolean {
  const code = text.charCodeAt(index)
  return code >= ZERO && code <= NINE
}

function endOfDigits(text: string, start: number): number {
  let end = start
  while (end < text.length && isDigit(text, end)) end += 1
  return end
}

function compareDigits(
  a: string,
  startA: number,
  endA: number,
  b: string,
  startB: number,
  endB: number,
): number {
  let i = startA
  let j = startB
  while (i < endA - 1 && a.charCodeAt(i) === ZERO) i += 1
  while (j < endB - 1 && b.charCodeAt(j) === ZERO) j += 1
  if (endA - i !== endB - j) return endA - i - (endB - j)
  for (; i < endA; i += 1, j += 1) {
    const order = a.charCodeAt(i) - b.charCodeAt(j)
    if (order !== 0) return order
  }
  return 0
}
