export type { ClientTarget } from './connection/client-config.ts'
export { openByUrl } from './connection/client-config.ts'
export { parseDatabaseUrl } from './connection/database-url.ts'
