/** Separates the statements of one message: the line end closes a comment at the end of a statement. */
export const SEPARATOR = '\n;\n'

const OURS =
  /^(?:BEGIN|COMMIT|RESET ALL|EXECUTE tidemark_|PREPARE tidemark_|SET (?:LOCAL|CONSTRAINTS ALL|tidemark\.)|RESET SESSION AUTHORIZATION|with recorded as \()/

/**
 * Gives the statement of a file out of a message that also holds ours, such as `pg_stat_activity` shows it;
 * another text as it is.
 *
 * @example withoutFileStatement("BEGIN\n;\nEXECUTE tidemark_4(E'1 a')\n;\nDROP TABLE t;\n;\nCOMMIT") // 'DROP TABLE t;'
 */
export function withoutFileStatement(message: string): string {
  const parts = message.split(SEPARATOR)
  if (parts.length === 1) return message
  const first = parts.findIndex((part) => !OURS.test(part))
  const last = parts.findIndex((part, at) => at > first && OURS.test(part))
  return first < 0 ? message : parts.slice(first, last < 0 ? undefined : last).join(SEPARATOR)
}
