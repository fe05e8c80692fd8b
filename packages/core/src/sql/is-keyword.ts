/**
 * Tells whether the word between two offsets is a keyword, in any case.
 * Compares in place: no string is made. Only ASCII folds, as in PostgreSQL (manual, 4.1.1).
 *
 * @param keyword in lower case.
 * @example isKeyword('Copy t', 0, 4, 'copy') // true
 */
export function isKeyword(text: string, start: number, end: number, keyword: string): boolean {
  if (end - start !== keyword.length) return false
  for (let index = 0; index < keyword.length; index += 1) {
    const unit = text.charCodeAt(start + index)
    const lower = unit >= 65 && unit <= 90 ? unit | 0x20 : unit
    if (lower !== keyword.charCodeAt(index)) return false
  }
  return true
}
