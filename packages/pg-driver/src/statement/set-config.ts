import type { SessionSetting } from '../connection/connection.ts'

/** Makes the statement that sets a value as it is: `SET` would take a list for one name. */
export function setConfig([name, value]: SessionSetting, lasts: 'session' | 'transaction'): string {
  const isLocal = lasts === 'transaction'
  return `SELECT pg_catalog.set_config(${literal(name)}, ${literal(value)}, ${isLocal})`
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
