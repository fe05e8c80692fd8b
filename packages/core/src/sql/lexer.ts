import {
  BACKSLASH,
  CLOSE,
  COLON,
  classOf,
  DIGIT,
  DOLLAR,
  DOT,
  DOUBLE_QUOTE,
  isDigit,
  isLineBreak,
  isSpace,
  OPEN,
  OPERATOR,
  QUOTE,
  SEMICOLON,
  WORD_START,
} from './char-class.ts'
import {
  skipBlockComment,
  skipDollarQuoted,
  skipDollarTag,
  skipEscaped,
  skipLine,
  skipNumber,
  skipOperator,
  skipParameter,
  skipQuoted,
  skipWord,
} from './skip.ts'

/**
 * What a token is. `string_continuation` is a `'…'` that PostgreSQL joins to the string on a line above it.
 */
export type TokenKind =
  | 'word'
  | 'quoted_word'
  | 'string'
  | 'string_continuation'
  | 'dollar_string'
  | 'number'
  | 'parameter'
  | 'operator'
  | 'open'
  | 'close'
  | 'semicolon'
  | 'punctuation'
  | 'line_comment'
  | 'block_comment'
  | 'psql_line'

/**
 * Walks over the tokens of a text by PostgreSQL's rules (`standard_conforming_strings` on). One object is
 * reused for all of them: {@link Lexer.next} moves on and the fields tell what it found. White space is
 * passed over, comments are tokens. Never throws, and every character is looked at a bounded number of times.
 */
export class Lexer {
  readonly text: string
  kind: TokenKind = 'punctuation'
  start: number
  end: number
  /** False when the token has no end in the text. */
  closed = true
  /** The offset after the opening of a token that has one: `E'`, `$tag$`, `/*`. */
  openingEnd = 0
  private readonly limit: number
  private before: 'other' | 'string' | 'escape_string' = 'other'
  private lineBroken = false

  constructor(text: string, start = 0, end = text.length) {
    this.text = text
    this.start = start
    this.end = start
    this.limit = end
  }

  /** Moves to the next token; false at the end. */
  next(): boolean {
    const start = this.skipSpace()
    if (start >= this.limit) return false
    this.start = start
    this.closed = true
    const unit = this.text.charCodeAt(start)
    switch (classOf(unit)) {
      case WORD_START:
        return this.readWord(unit)
      case DIGIT:
        return this.take('number', skipNumber(this.text, start))
      case QUOTE:
        return this.readString(start)
      case DOUBLE_QUOTE:
        return this.takeQuoted('quoted_word', start, skipQuoted(this.text, start, '"'))
      case DOLLAR:
        return this.readDollar()
      case OPERATOR:
        return this.readOperator(unit)
      case OPEN:
        return this.take('open', start + 1)
      case CLOSE:
        return this.take('close', start + 1)
      case SEMICOLON:
        return this.take('semicolon', start + 1)
      case DOT:
      case COLON:
        return this.readDotOrColon(unit)
      case BACKSLASH:
        return this.take('psql_line', skipLine(this.text, start))
      default:
        return this.take('punctuation', start + 1)
    }
  }

  /** Continues from another place, as if nothing came before it. */
  jump(offset: number): void {
    this.end = offset
    this.before = 'other'
  }

  private skipSpace(): number {
    const { text, limit } = this
    let at = this.end
    while (at < limit) {
      const unit = text.charCodeAt(at)
      // Nearly every token begins right here or after one space.
      if (unit !== 32) {
        if (!isSpace(unit)) break
        if (isLineBreak(unit)) this.lineBroken = true
      }
      at += 1
    }
    return at
  }

  private take(kind: TokenKind, end: number): true {
    this.kind = kind
    this.end = Math.min(end, this.limit)
    this.before = 'other'
    return true
  }

  private takeQuoted(kind: TokenKind, quote: number, end: number): true {
    this.openingEnd = quote + 1
    this.closed = end <= this.limit
    return this.take(kind, end)
  }

  private readWord(first: number): true {
    const end = skipWord(this.text, this.start)
    if (end === this.start + 1) {
      const next = this.text.charCodeAt(end)
      if (next === 0x27 && isStringPrefix(first)) return this.readString(end)
      if (next === 0x26 && (first | 0x20) === 0x75) return this.readUnicode(end)
    }
    return this.take('word', end)
  }

  /** `U&'…'` and `U&"…"`: their backslashes escape no quote. */
  private readUnicode(ampersand: number): true {
    const quote = this.text.charCodeAt(ampersand + 1)
    if (quote === 0x27) return this.readString(ampersand + 1)
    if (quote !== 0x22) return this.take('word', ampersand)
    return this.takeQuoted('quoted_word', ampersand + 1, skipQuoted(this.text, ampersand + 1, '"'))
  }

  private readString(quote: number): true {
    const continues = quote === this.start && this.before !== 'other' && this.lineBroken
    const escapes = continues
      ? this.before === 'escape_string'
      : quote === this.start + 1 && (this.text.charCodeAt(this.start) | 0x20) === 0x65
    const end = escapes ? skipEscaped(this.text, quote) : skipQuoted(this.text, quote, "'")
    this.takeQuoted(continues ? 'string_continuation' : 'string', quote, end)
    this.before = escapes ? 'escape_string' : 'string'
    this.lineBroken = false
    return true
  }

  private readDollar(): true {
    if (isDigit(this.text.charCodeAt(this.start + 1))) {
      return this.take('parameter', skipParameter(this.text, this.start))
    }
    const tagEnd = skipDollarTag(this.text, this.start)
    if (tagEnd === this.start) return this.take('punctuation', this.start + 1)
    return this.takeQuoted('dollar_string', tagEnd - 1, skipDollarQuoted(this.text, this.start, tagEnd))
  }

  private readOperator(unit: number): true {
    const next = this.text.charCodeAt(this.start + 1)
    if (unit === 0x2d && next === 0x2d) return this.readLineComment()
    if (unit === 0x2f && next === 0x2a) {
      return this.takeQuoted('block_comment', this.start + 1, skipBlockComment(this.text, this.start))
    }
    const isAlone = classOf(next) !== OPERATOR
    return this.take('operator', isAlone ? this.start + 1 : skipOperator(this.text, this.start))
  }

  /** A line comment may stand between the parts of a string, so it does not forget the one before. */
  private readLineComment(): true {
    const { before } = this
    this.take('line_comment', skipLine(this.text, this.start))
    this.before = before
    return true
  }

  /** `.5` is a number; `..`, `::` and `:=` are one token. */
  private readDotOrColon(unit: number): true {
    const next = this.text.charCodeAt(this.start + 1)
    if (unit === 0x2e && isDigit(next)) return this.take('number', skipNumber(this.text, this.start))
    const isDouble = next === unit || (unit === 0x3a && next === 0x3d)
    return this.take('punctuation', this.start + (isDouble ? 2 : 1))
  }
}

/** `B`, `E`, `N` and `X` in either case. */
function isStringPrefix(unit: number): boolean {
  const lower = unit | 0x20
  return lower === 0x62 || lower === 0x65 || lower === 0x6e || lower === 0x78
}
