import pg from 'pg'
import type { GateDatabase } from './ask.ts'

/** A gate's own connection to a URL: made for a check, given back two seconds after the last one. */
export interface OpenedUrl extends GateDatabase {
  end(): Promise<void>
}

/** Opens nothing yet. It keeps no process alive. */
export function openUrl(url: string): OpenedUrl {
  const pool = new pg.Pool({
    connectionString: url,
    application_name: 'tidemark gate',
    max: 1,
    idleTimeoutMillis: 2000,
    connectionTimeoutMillis: 10_000,
    allowExitOnIdle: true,
  })
  pool.on('error', () => undefined)
  return {
    query: (text, values) => pool.query(text, values),
    end: () => pool.end(),
  }
}
