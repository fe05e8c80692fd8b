import { fileURLToPath } from 'node:url'

/** Extensions that act only at run time, of which a shadow has the schema and the signatures. */
export const STUBS = ['http', 'pg_cron', 'pg_graphql', 'pg_net', 'pgsodium', 'supabase_vault'] as const

/**
 * Names the folder of a stand-in: the files of an extension without a library, in `assets/` beside this one.
 */
export function stubFolder(name: (typeof STUBS)[number]): string {
  return fileURLToPath(new URL(`./assets/stubs/${name}`, import.meta.url))
}
