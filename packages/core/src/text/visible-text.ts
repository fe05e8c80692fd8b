// Control characters drive a terminal, and those that turn the direction of text or take no room show what is
// not there.
const UNSEEN = /(?![\t\n])[\p{Cc}\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/gu

/**
 * Draws as `\ufffd` what a terminal would obey or hide: control characters but tab and line feed, marks of
 * direction, and characters without width that no script needs. What a user wrote goes through here before it
 * is printed.
 *
 * @example visibleText('\u001b[2J') // '\ufffd[2J'
 */
export function visibleText(text: string): string {
  return text.replace(UNSEEN, '\ufffd')
}
