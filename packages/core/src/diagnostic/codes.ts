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
  TM2004: 'depends on itself',
  TM2005: 'blocking migration depends on a non-blocking one',
  TM2006: 'replaced twice',
  TM2007: 'unknown migration',
  TM2008: 'squash ignored',
  TM2009: 'unknown tag',
  TM2010: 'cannot be run again',
  // TM3: the tracking tables
  TM3001: 'foreign tracking table',
  // TM4: drift and state
  TM4001: 'applied file changed',
  TM4002: 'applied file is gone',
  TM4003: 'dependency applied too late',
  TM4004: 'older file',
  TM4005: 'squash of a half applied set',
  TM4006: 'stale plan',
  TM4007: 'plan for another database',
  TM4008: 'not a saved plan',
  TM4009: 'half rolled back',
  TM4010: 'finished statements changed',
  TM4011: 'marked out of order',
  // TM5: the database
  TM5001: 'cannot connect',
  TM5002: 'transaction pooler',
  TM5003: 'run lock not obtained',
  TM5004: 'migration failed',
  TM5005: 'verify failed',
  TM5006: 'transaction closed by the file',
  TM5007: 'connection lost',
  TM5008: 'interrupted',
  TM5009: 'table lock not granted',
  TM5010: 'still pending after the run',
  TM5011: 'step refused by its guard',
  TM5012: 'run lock lost',
  // TM6: rolling back
  TM6001: 'irreversible migration',
  TM6002: 'dependents are applied',
  TM6003: 'not applied',
  TM6004: 'unknown run',
  TM6005: 'set aside by a squash',
  TM6006: 'no stored SQL',
  // TM7: configuration and usage
  TM7001: 'no database named',
  TM7050: 'not a database URL',
  TM7051: 'not a duration',
} as const satisfies Record<`TM${number}`, string>

/** A stable code of a problem, such as `TM2002`. */
export type DiagnosticCode = keyof typeof CODES
