import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { MigrationReader, MigrationRunner } from '@tidemark/core'
import { createMigrationRunner } from '@tidemark/pg-driver'
import {
  createEngineDatabase,
  createServerEngine,
  createServerOptions,
  engineSettings,
  openBackups,
} from '@tidemark/pg-driver/engine'
import type { FleetOptions } from '../fleet-options.ts'
import type { TargetSettings } from '../target/fleet-target.ts'
import type { SoundTarget } from '../target/parse-targets.ts'
import type { ConnectionPool } from './connection-pool.ts'
import { shareConnections } from './share-connections.ts'

/** What all targets have in common. */
export interface TargetContext {
  /** A target's own settings win. */
  readonly options: FleetOptions
  /** Read once. */
  readonly migrations: MigrationReader
  readonly pool: ConnectionPool
  /** The runs of a rollout have one id, by which `history` finds them. */
  readonly runId?: string | undefined
}

/**
 * Makes the runner of one target over shared connections.
 *
 * @throws TidemarkError TM7002, TM7003, TM7050, TM7051: what the target says is wrong.
 */
export function openTarget(
  one: SoundTarget,
  { options, migrations, pool, runId }: TargetContext,
): MigrationRunner {
  const searchPath = searchPathOf(one, options)
  const engine = engineSettings({ ...options, ...one.target, schema: schemaOf(one, options), searchPath })
  const settings = { ...options, ...one.target, schema: engine.schema, searchPath }
  const server = createServerOptions(one.address, settings)
  const shared = shareConnections(createServerEngine(server, { ...engine, searchPath: null }), {
    pool,
    server: one.server,
    identity: identityOf(settings),
    searchPath: engine.searchPath,
  })
  const { backup = 'never' } = options
  return createMigrationRunner({
    database: createEngineDatabase(shared, engine),
    migrations,
    environment: settings.environment,
    variables: settings.variables,
    schema: settings.schema,
    lockWait: settings.lockWait,
    executedBy: options.executedBy,
    toolVersion: options.toolVersion,
    hooks: options.hooks,
    hookTimeout: options.hookTimeout,
    runId,
    backup:
      backup === 'destructive'
        ? openBackups({ server, settings: engine, backups: backupFolder(one, options), lockWaitMs: 0 }).steps
        : undefined,
  })
}

/** The runs of a rollout have one id, by which backups are kept: so each target has a folder of its own. */
function backupFolder({ name }: SoundTarget, { backups = '.tidemark/backups' }: FleetOptions): string {
  const digest = createHash('sha256').update(name).digest('hex').slice(0, 8)
  return join(backups, 'fleet', `${name.replace(/[^A-Za-z0-9_-]+/g, '_').slice(0, 60)}-${digest}`)
}

/** Targets whose sessions begin alike share connections. */
function identityOf(settings: TargetSettings & { readonly database: string }): string {
  const { database, directUrl, ssl, connectTimeout, lockTimeout, statementTimeout } = settings
  return JSON.stringify([database, directUrl, ssl, connectTimeout, lockTimeout, statementTimeout])
}

/** A target with a search path of its own has its records there, wherever those of the others are. */
function schemaOf({ target }: SoundTarget, { schema }: TargetSettings): string | undefined {
  return target.schema ?? (target.searchPath === undefined ? schema : undefined)
}

/** A target with a schema of its own is that schema. */
function searchPathOf({ target }: SoundTarget, { searchPath }: TargetSettings): TargetSettings['searchPath'] {
  return target.searchPath ?? (target.schema === undefined ? searchPath : [target.schema, 'public'])
}
