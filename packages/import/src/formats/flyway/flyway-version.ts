/**
 * Orders versions as Flyway does: number by number, `.` and `_` alike, missing numbers count as 0.
 *
 * @example ['2', '1_10', '1.9'].sort(compareFlywayVersions) // ['1.9', '1_10', '2']
 */
export function compareFlywayVersions(a: string, b: string): number {
  const [left, right] = [numbersOf(a), numbersOf(b)]
  for (let index = 0; index < Math.max(left.length, right.length); index += 1) {
    const [x, y] = [left[index] ?? 0n, right[index] ?? 0n]
    if (x !== y) return x < y ? -1 : 1
  }
  return 0
}

/** Gives one text for all ways to write a version: `1_2.0` is `1.2`. */
export function normalizeFlywayVersion(version: string): string {
  const numbers = [...numbersOf(version)]
  while (numbers.length > 1 && numbers.at(-1) === 0n) numbers.pop()
  return numbers.join('.')
}

function numbersOf(version: string): readonly bigint[] {
  return version.split(/[._]/).map((number) => (/^\d+$/.test(number) ? BigInt(number) : 0n))
}
