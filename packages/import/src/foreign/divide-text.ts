import { type Diagnostic, type SourceFile, type Span, scanSql, tokens } from '@tidemark/core'
import { unclearDirection } from './findings.ts'
import { hasStatement } from './has-statement.ts'

/** A line at which a section of a file begins. */
export interface DirectionMark extends Span {
  readonly way: 'up' | 'down'
}

/** The sections of a text, if they can be separated. */
export type Division = DividedText | UnclearText

/** Every mark says which way goes what follows. */
export interface DividedText {
  readonly kind: 'divided'
  readonly up: Span
  readonly down: Span | undefined
}

/** A mark comes a second time, or SQL comes before the way back and after it more. */
export interface UnclearText {
  readonly kind: 'unclear'
  readonly mark: DirectionMark
  readonly reason: 'repeated' | 'code before'
}

/**
 * Divides a text, or a part of it, at its marks, in whatever order they come. What is before the first mark
 * belongs to its section; without a mark for the way forward it is the way forward.
 *
 * @param marks in the order of their places.
 * @example divideText(text, [{ way: 'down', start: 20, end: 30 }]) // { kind: 'divided', up: { start: 0, end: 20 }, down: … }
 */
export function divideText(
  text: string,
  marks: readonly DirectionMark[],
  { start, end }: Span = { start: 0, end: text.length },
): Division {
  const [first, second] = marks
  const repeated = marks.find((mark, index) => marks.findIndex(({ way }) => way === mark.way) < index)
  if (repeated !== undefined) return { kind: 'unclear', mark: repeated, reason: 'repeated' }
  if (first === undefined) return { kind: 'divided', up: { start, end }, down: undefined }
  if (second === undefined) {
    if (first.way === 'up') return { kind: 'divided', up: { start, end }, down: undefined }
    return { kind: 'divided', up: { start, end: first.start }, down: { start: first.start, end } }
  }
  const before = { start, end: second.start }
  const after = { start: second.start, end }
  if (first.way === 'up') return { kind: 'divided', up: before, down: after }
  if (hasStatement(text.slice(start, first.start)))
    return { kind: 'unclear', mark: first, reason: 'code before' }
  return { kind: 'divided', up: after, down: before }
}

/** TM7035 for a text that cannot be divided. */
export function describeUnclear(source: SourceFile, { mark, reason }: UnclearText): Diagnostic {
  const text = source.text.slice(mark.start, mark.end).trim()
  const message =
    reason === 'repeated' ? `"${text}" comes a second time` : `there is SQL before "${text}", in no section`
  const help = 'make a file of each part, or remove the line if it divides nothing'
  return unclearDirection(source, mark, message, help)
}

const WORD = '(?:migrat(?:e|ion)|begin|section|script|step|direction|part|sql|statements?|below|here)'
const FORWARD = 'ups?|forwards?|upgrade'
const BACK = 'downs?|undo|rollback|revert|reverse|backwards?|downgrade'
const GAP = String.raw`[^\p{L}\p{N}]`
const MARK = new RegExp(
  `^${GAP}*(?:(?:${WORD}|[+]\\w+)${GAP}+)?(?:(${FORWARD})|(${BACK}))(?:${GAP}+${WORD})*${GAP}*$`,
  'iu',
)
const MAY_DIVIDE = new RegExp(`\\b(?:${FORWARD}|${BACK})\\b`, 'i')
// What node-pg-migrate looks for; text may follow.
const LONG_MARK = /^[\s-]*(?:(up)|(down))\s+migration\b/i

/**
 * Finds comments that say nothing but which way goes what follows, such as `-- Down Migration` and `--
 * @undo`. Those in strings, function bodies and data are none.
 */
export function findDirectionMarks(text: string): readonly DirectionMark[] {
  if (!MAY_DIVIDE.test(text)) return []
  return scanSql(text).statements.flatMap(({ start, codeEnd, end, codeStart }) =>
    [...tokens(text, { start, end: codeStart === codeEnd ? end : codeEnd })].flatMap((token) => {
      if (token.kind !== 'line_comment' && token.kind !== 'block_comment') return []
      const before = text.slice(text.lastIndexOf('\n', token.start - 1) + 1, token.start)
      const comment = text.slice(token.start, token.end).replace(/^\/\*|^--|\*\/$/g, '')
      const match = MARK.exec(comment) ?? LONG_MARK.exec(comment)
      if (match === null || before.trim() !== '') return []
      return [{ way: match[1] === undefined ? 'down' : 'up', start: token.start, end: token.end } as const]
    }),
  )
}
