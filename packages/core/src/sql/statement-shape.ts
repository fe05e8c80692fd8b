import { isKeyword } from './is-keyword.ts'

/**
 * How far the words of a statement are known, as far as its boundaries depend on them: only a COPY can have
 * data after it, and only CREATE FUNCTION and CREATE PROCEDURE can have a BEGIN ATOMIC body.
 */
export type StatementShape =
  | 'start'
  | 'plain'
  | 'create'
  | 'create_or'
  | 'create_replace'
  | 'routine'
  | 'routine_begin'
  | 'atomic'
  | 'copy'
  | 'copy_from'
  | 'copy_stdin'

/** Gives the shape after one more word at the statement's own level, outside of parentheses. */
export function shapeAfterWord(
  shape: StatementShape,
  text: string,
  start: number,
  end: number,
): StatementShape {
  switch (shape) {
    case 'start':
      if (isKeyword(text, start, end, 'create')) return 'create'
      return isKeyword(text, start, end, 'copy') ? 'copy' : 'plain'
    case 'create':
      if (isKeyword(text, start, end, 'or')) return 'create_or'
      return isRoutine(text, start, end) ? 'routine' : 'plain'
    case 'create_or':
      return isKeyword(text, start, end, 'replace') ? 'create_replace' : 'plain'
    case 'create_replace':
      return isRoutine(text, start, end) ? 'routine' : 'plain'
    case 'routine':
      return isKeyword(text, start, end, 'begin') ? 'routine_begin' : 'routine'
    case 'routine_begin':
      if (isKeyword(text, start, end, 'atomic')) return 'atomic'
      return isKeyword(text, start, end, 'begin') ? 'routine_begin' : 'routine'
    case 'copy':
    case 'copy_from':
      return shapeInCopy(shape, text, start, end)
    default:
      return shape
  }
}

/** Gives the shape after a token that is no word: a BEGIN or FROM before it was not the one looked for. */
export function shapeAfterOther(shape: StatementShape): StatementShape {
  switch (shape) {
    case 'routine_begin':
      return 'routine'
    case 'copy_from':
      return 'copy'
    case 'routine':
    case 'copy':
    case 'copy_stdin':
      return shape
    default:
      return 'plain'
  }
}

function isRoutine(text: string, start: number, end: number): boolean {
  return isKeyword(text, start, end, 'function') || isKeyword(text, start, end, 'procedure')
}

/**
 * Only STDIN is followed by data. To the server's grammar `FROM STDOUT` means the same, but nobody writes
 * data after it, and to read on to a `\.` that is not there would swallow the file: it is left to the checks,
 * as a COPY without data.
 */
function shapeInCopy(shape: 'copy' | 'copy_from', text: string, start: number, end: number): StatementShape {
  if (isKeyword(text, start, end, 'from')) return 'copy_from'
  return shape === 'copy_from' && isKeyword(text, start, end, 'stdin') ? 'copy_stdin' : 'copy'
}
