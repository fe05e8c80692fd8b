/** The one table of exit codes (see `docs/commands.md`); the same with and without `--json`. */
export const EXIT = {
  ok: 0,
  failed: 1,
  refused: 2,
  pending: 3,
  changed: 4,
  locked: 5,
  notChecked: 6,
  findings: 7,
  internal: 70,
  interrupted: 130,
  terminated: 143,
} as const

/** One of {@link EXIT}. */
export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

// Codes whose area says one thing and whose meaning says another.
const EXCEPTIONS: Readonly<Record<string, ExitCode>> = {
  TM5002: EXIT.refused, // a transaction pooler was met: nothing was done
  TM5003: EXIT.locked,
  TM5008: EXIT.interrupted,
  TM5030: EXIT.locked, // another process has the embedded database open
  TM5052: EXIT.notChecked, // a shadow lacks something: nothing is known
  TM5060: EXIT.notChecked, // drift of a version that is not known
  TM7099: EXIT.internal,
}

/**
 * Gives the exit code that belongs to an error code: files, graph, tracking tables, rollback and usage refuse
 * (2), changed is 4, the database is 1.
 *
 * @example exitCodeOf('TM4001') // 4
 */
export function exitCodeOf(code: string): ExitCode {
  const exception = EXCEPTIONS[code]
  if (exception !== undefined) return exception
  if (code.startsWith('TM4')) return EXIT.changed
  if (code.startsWith('TM5')) return EXIT.failed
  return EXIT.refused
}
