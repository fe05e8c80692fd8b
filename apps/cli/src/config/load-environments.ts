import { env } from 'node:process'
import { TidemarkError } from '@tidemark/core'
import { loadSettings } from './load-settings.ts'
import type { FlagValues } from './read-sources.ts'
import type { Settings } from './settings.ts'

/** What names one database for a command is not that of each environment. */
const ONE_DATABASE = ['TIDEMARK_DATABASE_URL', 'TIDEMARK_DIRECT_URL', 'DATABASE_URL']

/**
 * Makes what loads the settings of any environment, with the database that the environment names itself; undefined
 * gives the settings as the flags say, without an environment.
 */
export function loadEnvironments(flags: FlagValues): (environment: string | undefined) => Promise<Settings> {
  const { env: _, 'database-url': __, ...others } = flags
  const folder = process.cwd()
  const variables = Object.fromEntries(Object.entries(env).filter(([name]) => name !== 'TIDEMARK_ENV'))
  const own = Object.fromEntries(Object.entries(variables).filter(([name]) => !ONE_DATABASE.includes(name)))
  return async (environment) => {
    const common = { ...others, 'database-url': flags['database-url'] }
    if (environment === undefined) return loadSettings({ flags: common, variables, folder })
    const settings = await loadSettings({ flags: { ...others, env: environment }, variables: own, folder })
    const origin = settings.origins.database
    const isShared =
      origin?.kind === 'variable' &&
      settings.database === (await loadSettings({ flags: others, variables: own, folder })).database
    if (isShared) throw sharedDatabase(environment, origin.name)
    return settings
  }
}

function sharedDatabase(environment: string, variable: string): TidemarkError {
  return new TidemarkError({
    code: 'TM7001',
    message: `"${environment}" names no database of its own, only ${variable} does`,
    help: `give the environment the key \`database\``,
  })
}
