import { hostname } from 'node:os'

/**
 * Names this process for `pg_stat_activity`, such as `tidemark host/4711`: others who wait for its lock see
 * it.
 */
export function applicationName(): string {
  return `tidemark ${hostname().slice(0, 30)}/${process.pid}`
}
