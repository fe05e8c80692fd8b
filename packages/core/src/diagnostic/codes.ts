/**
 * The one table of codes: a code is never reused, and each has a page in `docs/errors/`.
 * TM1 file · TM2 graph · TM3 tracking tables · TM4 drift and state · TM5 database · TM6 rolling back · TM7 configuration and usage.
 */
export const CODES = {
  // TM1: a file
  TM1001: 'no @up marker',
  // TM2: the graph
  TM2001: 'duplicate id',
  TM2002: 'unknown dependency',
  TM2003: 'dependency cycle',
  // TM3: the tracking tables
  TM3001: 'foreign tracking table',
  // TM4: drift and state
  TM4001: 'applied file changed',
  // TM5: the database
  TM5001: 'cannot connect',
  // TM6: rolling back
  TM6001: 'irreversible migration',
  // TM7: configuration and usage
  TM7001: 'no database named',
} as const satisfies Record<`TM${number}`, string>

/** A stable code of a problem, such as `TM2002`. */
export type DiagnosticCode = keyof typeof CODES
