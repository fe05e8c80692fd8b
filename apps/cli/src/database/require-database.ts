import { TidemarkError } from '@tidemark/core'
import type { Settings } from '../config/settings.ts'

/** Settings that name a database. */
export type DatabaseSettings = Settings & { readonly database: string }

/** TM7001 unless the settings name a database, TM7003 where they name one that is empty. */
export function requireDatabase(settings: Settings): DatabaseSettings {
  const { database, directUrl, unsetDatabase } = settings
  if (unsetDatabase !== undefined) throw unsetDatabase
  const named = database ?? directUrl
  if (named !== undefined) return { ...settings, database: named }
  throw new TidemarkError({
    code: 'TM7001',
    message: 'no database is named',
    help: 'name one with `--database-url`, `TIDEMARK_DATABASE_URL`, `DATABASE_URL` or the key `database` of tidemark.config.json; `pglite:.tidemark/db` needs no server; `tidemark init` sets up a project',
  })
}
