/**
 * Writes a name as a quoted identifier, which the server takes literally.
 *
 * @example quoteIdentifier('Order "x"') // '"Order ""x"""'
 */
export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}
