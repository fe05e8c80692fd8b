import { classOf, isDigit, isLineBreak, isWordPart, OPERATOR, WORD_START } from './char-class.ts'

// Each function takes the offset of an opening and gives the offset after its end. What never ends gives an
// offset beyond the text: no object is made for a token, since there are many millions of them.

/** Finds the end of a `'…'` or `"…"` without backslash escapes; a doubled quote is one quote. */
export function skipQuoted(text: string, start: number, quote: "'" | '"'): number {
  const unit = quote.charCodeAt(0)
  let at = start + 1
  // Most literals are short, and a search has a price before its first character.
  const near = Math.min(at + 24, text.length)
  while (at < near) {
    if (text.charCodeAt(at) !== unit) at += 1
    else if (text.charCodeAt(at + 1) === unit) at += 2
    else return at + 1
  }
  for (;;) {
    const found = text.indexOf(quote, at)
    if (found < 0) return text.length + 1
    if (text.charCodeAt(found + 1) !== unit) return found + 1
    at = found + 2
  }
}

/** Finds the end of the rest of an `E'…'`: from its quote on, a backslash takes the next character along. */
export function skipEscaped(text: string, start: number): number {
  let at = start + 1
  while (at < text.length) {
    const unit = text.charCodeAt(at)
    if (unit === 0x5c) at += 2
    else if (unit !== 0x27) at += 1
    else if (text.charCodeAt(at + 1) === 0x27) at += 2
    else return at + 1
  }
  return text.length + 1
}

/**
 * Finds the end of the opening `$tag$` at `start`; the same offset when a dollar sign opens nothing there.
 */
export function skipDollarTag(text: string, start: number): number {
  let at = start + 1
  while (isTagPart(text.charCodeAt(at))) at += 1
  const startsWithDigit = isDigit(text.charCodeAt(start + 1))
  return text.charCodeAt(at) === 0x24 && !startsWithDigit ? at + 1 : start
}

function isTagPart(unit: number): boolean {
  return isWordPart(unit) && unit !== 0x24
}

/** Finds the end of a dollar-quoted body whose opening tag lies between the two offsets. */
export function skipDollarQuoted(text: string, start: number, tagEnd: number): number {
  const closing = text.indexOf(text.slice(start, tagEnd), tagEnd)
  return closing < 0 ? text.length + 1 : closing + tagEnd - start
}

/** Finds the end of a block comment. They nest. */
export function skipBlockComment(text: string, start: number): number {
  let depth = 1
  let at = start + 2
  while (at < text.length) {
    const unit = text.charCodeAt(at)
    if (unit === 0x2a && text.charCodeAt(at + 1) === 0x2f) {
      at += 2
      depth -= 1
      if (depth === 0) return at
    } else if (unit === 0x2f && text.charCodeAt(at + 1) === 0x2a) {
      at += 2
      depth += 1
    } else at += 1
  }
  return text.length + 1
}

/** Finds the end of a line, before its LF or CR. */
export function skipLine(text: string, start: number): number {
  let at = start
  while (at < text.length && !isLineBreak(text.charCodeAt(at))) at += 1
  return at
}

/** Finds the end of an identifier or keyword. */
export function skipWord(text: string, start: number): number {
  let at = start + 1
  while (at < text.length && isWordPart(text.charCodeAt(at))) at += 1
  return at
}

/** Finds the end of a number of any notation, with whatever letters cling to it. */
export function skipNumber(text: string, start: number): number {
  let at = skipDigits(text, start)
  if (text.charCodeAt(at) === 0x2e && text.charCodeAt(at + 1) !== 0x2e) at = skipDigits(text, at + 1)
  if (isExponent(text, at)) at = skipDigits(text, at + 2)
  return skipClinging(text, at)
}

function skipDigits(text: string, start: number): number {
  let at = start
  while (isDigit(text.charCodeAt(at))) at += 1
  return at
}

function isExponent(text: string, at: number): boolean {
  if ((text.charCodeAt(at) | 0x20) !== 0x65) return false
  const next = text.charCodeAt(at + 1)
  return isDigit(next) || ((next === 0x2b || next === 0x2d) && isDigit(text.charCodeAt(at + 2)))
}

/** `0x1F`, `1_000` and `1a` are one token, but `1E'x'` was a number and a string before PostgreSQL 15. */
function skipClinging(text: string, start: number): number {
  if (start >= text.length || classOf(text.charCodeAt(start)) !== WORD_START) return start
  const end = skipWord(text, start)
  return end === start + 1 && text.charCodeAt(end) === 0x27 ? start : end
}

/** Finds the end of `$1`. */
export function skipParameter(text: string, start: number): number {
  return skipClinging(text, skipDigits(text, start + 1))
}

/**
 * Finds the end of an operator: a run of operator characters that stops at a comment and, unless one of
 * ``~ ! @ # % ^ & | ` ?`` is in it, does not end in `+` or `-` (manual, 4.1.3).
 */
export function skipOperator(text: string, start: number): number {
  let at = start
  let mayEndInSign = false
  while (at < text.length && isOperatorAt(text, at)) {
    if (!isPlainOperator(text.charCodeAt(at))) mayEndInSign = true
    at += 1
  }
  if (mayEndInSign) return at
  while (at > start + 1 && isSign(text.charCodeAt(at - 1))) at -= 1
  return at
}

function isOperatorAt(text: string, at: number): boolean {
  const unit = text.charCodeAt(at)
  if (classOf(unit) !== OPERATOR) return false
  const next = text.charCodeAt(at + 1)
  return !(unit === 0x2d && next === 0x2d) && !(unit === 0x2f && next === 0x2a)
}

function isSign(unit: number): boolean {
  return unit === 0x2b || unit === 0x2d
}

/** `* / < > = + -`: the operator characters that SQL itself has. */
function isPlainOperator(unit: number): boolean {
  return unit === 0x2a || unit === 0x2f || (unit >= 0x3c && unit <= 0x3e) || isSign(unit)
}
