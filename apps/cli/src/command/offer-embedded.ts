import { join } from 'node:path'
import type { Settings } from '../config/settings.ts'
import { confirm } from '../terminal/confirm.ts'
import type { Terminal } from '../terminal/terminal.ts'

/** Where an embedded database lies that nobody configured. */
const FOLDER = join('.tidemark', 'db')

/**
 * Offers an embedded database where none is named: on a terminal only, never in production, CI or Kubernetes,
 * and never by itself. A no leaves the settings as they are.
 */
export async function offerEmbedded(
  settings: Settings,
  terminal: Terminal,
  { yes, json }: { readonly yes: boolean; readonly json: boolean },
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Promise<Settings> {
  const { database, directUrl, unsetDatabase } = settings
  if (database !== undefined || directUrl !== undefined || unsetDatabase !== undefined) return settings
  if (!mayOffer(terminal, environment) || json) return settings
  const question = `No database is configured. Use an embedded PostgreSQL in ${FOLDER}?`
  if (!yes && !(await confirm(question))) return settings
  process.stderr.write('To keep it, write "database": "pglite:.tidemark/db" into tidemark.config.json.\n')
  return { ...settings, database: `pglite:${join(settings.folder, FOLDER)}` }
}

function mayOffer(terminal: Terminal, environment: Readonly<Record<string, string | undefined>>): boolean {
  const { NODE_ENV, CI, KUBERNETES_SERVICE_HOST } = environment
  return terminal.interactive && NODE_ENV !== 'production' && !CI && !KUBERNETES_SERVICE_HOST
}
