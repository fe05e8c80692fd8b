import type { PsqlLine } from '@tidemark/core'
import type { TextEdit } from './text-edits.ts'

const OUTPUT_ONLY = new Set(['echo', 'qecho', 'warn', 'timing', 'pset', 'x', 'a', 't', 'conninfo'])
const HARMLESS_VARIABLE =
  /^\\(set|unset)\s+(ON_ERROR_STOP|ON_ERROR_ROLLBACK|VERBOSITY|QUIET|ECHO|ECHO_HIDDEN|SHOW_CONTEXT)\b/i
const SAME_ENCODING = /^\\encoding\s+'?utf-?8'?\s*;?\s*$/i

/** Says whether a line only changes what psql prints: without it the SQL does the same. */
export function isHarmlessPsqlLine(text: string, { start, end, command, place }: PsqlLine): boolean {
  if (place !== 'between') return false
  const line = text.slice(start, end)
  return OUTPUT_ONLY.has(command) || HARMLESS_VARIABLE.test(line) || SAME_ENCODING.test(line)
}

/** Makes a psql line a comment. */
export function commentOut({ start }: PsqlLine): TextEdit {
  return { start, end: start, text: '-- ' }
}
