import type { MigrationDatabase } from '@tidemark/core'
import type { ServerAddress } from '../connection/driver-connection.ts'
import { createServerEngine, type ServerOptions } from '../engine/server-engine.ts'
import type { EngineSettings } from '../options/engine-settings.ts'
import { durationMs, engineSettings, type MigrationRunnerOptions } from '../options/migration-options.ts'
import { createEngineDatabase } from './create-engine-database.ts'

/**
 * Makes core's port for a PostgreSQL server, for those who need more than a runner.
 *
 * @throws TidemarkError TM7050, TM7051.
 * @example const reader = await createServerDatabase({ database: url }).openReader()
 */
export function createServerDatabase(
  options: Omit<MigrationRunnerOptions, 'database' | 'migrations'> & { readonly database: string },
): MigrationDatabase {
  return openServerDatabase(options.database, options, engineSettings(options))
}

/** Like {@link createServerDatabase}, with settings that were read already. */
export function openServerDatabase(
  url: ServerAddress,
  options: Pick<MigrationRunnerOptions, 'directUrl' | 'connectTimeout' | 'ssl'>,
  settings: EngineSettings,
): MigrationDatabase {
  return createEngineDatabase(createServerEngine(createServerOptions(url, options), settings), settings)
}

/**
 * Reads how a server is reached, with the defaults.
 *
 * @throws TidemarkError TM7051.
 */
export function createServerOptions(
  url: ServerAddress,
  { directUrl, ssl, connectTimeout }: Pick<MigrationRunnerOptions, 'directUrl' | 'connectTimeout' | 'ssl'>,
): ServerOptions {
  return { url, directUrl, ssl, connectTimeoutMs: durationMs('connectTimeout', connectTimeout, 10_000) }
}
