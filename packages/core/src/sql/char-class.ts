/**
 * What a character can begin, after PostgreSQL's lexer (`src/backend/parser/scan.l`).
 * Numbers rather than names, because the lexer switches on one for every token.
 */
export const OTHER = 0
export const WORD_START = 1
export const DIGIT = 2
export const OPERATOR = 3
export const QUOTE = 4
export const DOUBLE_QUOTE = 5
export const DOLLAR = 6
export const OPEN = 7
export const CLOSE = 8
export const SEMICOLON = 9
export const DOT = 10
export const COLON = 11
export const BACKSLASH = 12

const ASCII = 128

const CLASSES = buildClasses()
const WORD_PARTS = buildWordParts()

/**
 * Tells what a UTF-16 unit begins. Everything beyond ASCII, no-break spaces too, is a letter to PostgreSQL.
 */
export function classOf(unit: number): number {
  return unit < ASCII ? (CLASSES[unit] ?? OTHER) : WORD_START
}

/**
 * Tells whether a unit goes on with an identifier: letters, digits, `_`, `$`, and everything beyond ASCII.
 */
export function isWordPart(unit: number): boolean {
  return unit >= ASCII || WORD_PARTS[unit] === 1
}

/** Tells whether a unit is one of `0` to `9`. */
export function isDigit(unit: number): boolean {
  return unit >= 48 && unit <= 57
}

/** Tells whether a unit ends a line: LF or CR. */
export function isLineBreak(unit: number): boolean {
  return unit === 10 || unit === 13
}

/** Tells whether a unit is PostgreSQL's white space: space, tab, LF, VT, FF or CR. */
export function isSpace(unit: number): boolean {
  return unit === 32 || (unit >= 9 && unit <= 13)
}

function buildClasses(): Uint8Array {
  const classes = new Uint8Array(ASCII)
  mark(classes, 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_', WORD_START)
  mark(classes, '0123456789', DIGIT)
  mark(classes, '~!@#^&|`?+-*/%<>=', OPERATOR)
  mark(classes, "'", QUOTE)
  mark(classes, '"', DOUBLE_QUOTE)
  mark(classes, '$', DOLLAR)
  mark(classes, '(', OPEN)
  mark(classes, ')', CLOSE)
  mark(classes, ';', SEMICOLON)
  mark(classes, '.', DOT)
  mark(classes, ':', COLON)
  mark(classes, '\\', BACKSLASH)
  return classes
}

function buildWordParts(): Uint8Array {
  const parts = new Uint8Array(ASCII)
  mark(parts, 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789$', 1)
  return parts
}

function mark(table: Uint8Array, characters: string, value: number): void {
  for (const character of characters) table[character.charCodeAt(0)] = value
}
