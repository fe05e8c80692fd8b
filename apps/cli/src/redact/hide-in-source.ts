// Up to the end of the literal: a password may hold anything, quotes too.
const END = /(?=['"`]\s*(?:[,;})\]]|$)|\s*$)/.source
const URL_TAIL = new RegExp(`(://)(.+?)${END}`, 'gm')
const SECRET_VALUE = new RegExp(
  `((?:password|passphrase|secret|token)\\w*['"]?\\s*[:=]\\s*['"\`]?)(.+?)${END}`,
  'gim',
)

/**
 * Hides in the text of a configuration file whatever may hold a secret: what follows the scheme of a URL, and
 * values of keys that sound like one. As long as before, so that places in it stay right; a frame that shows
 * a part of a line then shows no part of a secret either.
 *
 * @example hideInSource("database: 'postgres://ada:s3cret@db/shop',") // "database: 'postgres://******************',"
 */
export function hideInSource(text: string): string {
  const hide = (_: string, before: string, secret: string) => before + secret.replace(/\S/g, '*')
  return text.replace(URL_TAIL, hide).replace(SECRET_VALUE, hide)
}
