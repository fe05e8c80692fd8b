/** U+FEFF, which some editors write at the start of a file. */
const BYTE_ORDER_MARK = 0xfeff

/**
 * Drops one leading BOM and turns CRLF and CR into LF, so that a Windows and a Linux checkout are the same
 * migration. Idempotent unless the text starts with two BOMs; a text that needs nothing is returned as it is,
 * without a copy.
 *
 * @example normalizeText('\uFEFFSELECT 1;\r\n') // 'SELECT 1;\n'
 */
export function normalizeText(text: string): string {
  const body = text.charCodeAt(0) === BYTE_ORDER_MARK ? text.slice(1) : text
  return body.includes('\r') ? body.replace(/\r\n?/g, '\n') : body
}
