/** Marks the sequences that this process writes itself: text from outside cannot know it. */
const MARK = Array.from({ length: 3 }, () => String(1000 + Math.floor(Math.random() * 9000))).join(';')

/**
 * Writes a control sequence of our own: a colour (`m`), a line to be redrawn (`K`), lines up (`A`), or all below to
 * be cleared (`J`); {@link escapeControls} lets it through.
 */
export function ownSequence(parameter: number, command: 'm' | 'K' | 'A' | 'J'): string {
  return `\u001b[${parameter};${MARK}${command}`
}

const OWN = new RegExp(String.raw`\u001b\[(\d+);${MARK}([mKAJ])`, 'gu')

/** Control characters (C0 but tab and line end, DEL, C1) and those that turn the direction of text. */
const CONTROL = /(?![\t\n]|\r\n)[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu

/**
 * Writes control characters as `\u001b`: a terminal would obey them, and marks of direction would show what
 * is not there. Everything that leaves this process goes through here, so no text from outside (rows in
 * errors, queries of other sessions, files) can drive a terminal. In JSON the result means what it meant
 * before.
 *
 * @example escapeControls('\u001b]0;title') // '\\u001b]0;title'
 */
export function escapeControls(text: string): string {
  if (!text.includes(MARK)) return text.replace(CONTROL, escapeOne)
  return text
    .split(OWN)
    .map((part, place, parts) => {
      if (place % 3 === 0) return part.replace(CONTROL, escapeOne)
      if (place % 3 === 2) return ''
      const command = parts[place + 1]
      return `${command === 'K' ? '\r' : ''}\u001b[${part}${command}`
    })
    .join('')
}

function escapeOne(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}
