export type { ClientTarget } from './client-config.ts'
export { openByUrl } from './client-config.ts'
export { parseDatabaseUrl } from './database-url.ts'
