/** Quoted identifiers and strings are matched first, so that a `$1` inside them stays. */
const TOKENS = /"(?:[^"]|"")*"|'(?:[^']|'')*'|\$(\d+)/g

/**
 * Writes something else for each `$n` of a statement that is ours; `place` counts from 1.
 *
 * @example renumberParameters('select $1, "$1"', () => '7') // 'select 7, "$1"'
 */
export function renumberParameters(text: string, write: (place: number) => string): string {
  return text.replace(TOKENS, (token, place: string | undefined) =>
    place === undefined ? token : write(Number(place)),
  )
}
