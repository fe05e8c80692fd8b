/**
 * Orders texts by UTF-16 code units: the same on every machine, and for ASCII (ids, checksums) the order of
 * bytes.
 *
 * @example ['b', 'B', 'a'].sort(compareCodeUnits) // ['B', 'a', 'b']
 */
export function compareCodeUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
