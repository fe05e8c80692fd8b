/**
 * Writes a number with its noun.
 *
 * @example count(1, 'migration') // '1 migration'
 */
export function count(number: number, noun: string, plural = `${noun}s`): string {
  return `${number} ${number === 1 ? noun : plural}`
}
