import { resolve } from 'node:path'
import { TidemarkError } from '@tidemark/core'
import { createFleet, type Fleet, type FleetTarget, type TargetSource } from '@tidemark/fleet'
import type { FleetConfig } from '../config/config-schema.ts'
import type { Settings } from '../config/settings.ts'
import { backupFolder } from '../database/open-backups.ts'
import { trackedScope } from '../database/open-database.ts'
import { createReader } from '../project/read-project.ts'
import { openHooks } from '../run/open-hooks.ts'

/** What {@link openFleet} needs besides the settings. */
export interface FleetSurroundings {
  readonly toolVersion: string
  readonly redact: (text: string) => string
  /** Given every URL that holds a secret, before it is used. */
  readonly learn: (url: string) => void
  readonly backup?: boolean | undefined
}

/**
 * Makes the fleet of a project.
 *
 * @throws {TidemarkError} TM7001 where the configuration names none.
 */
export function openFleet(settings: Settings, surroundings: FleetSurroundings): Fleet {
  const { fleet } = settings
  if (fleet === undefined) {
    throw new TidemarkError({
      code: 'TM7001',
      message: 'the configuration names no fleet',
      help: 'write its targets into the configuration: "fleet": { "targets": … }; see docs/fleet.md',
    })
  }
  const { targets, ...bounds } = fleet
  const { learn, redact, toolVersion, backup = false } = surroundings
  if (bounds.queue !== undefined) learn(bounds.queue)
  return createFleet({
    ...bounds,
    targets: sourceOf(targets, settings.folder, learn),
    onTargets: (read) => {
      for (const url of read) learn(url)
    },
    migrations: createReader(settings),
    environment: settings.environment,
    variables: settings.variables,
    schema: settings.schema,
    searchPath: settings.searchPath,
    createSchema: settings.createSchema,
    readers: settings.readers,
    rowSecurity: settings.rowSecurity,
    lockTimeout: settings.lockTimeoutMs,
    lockRetries: settings.lockRetries,
    lockWait: settings.lockWaitMs,
    statementTimeout: settings.statementTimeoutMs,
    batchTime: settings.batchTimeMs,
    maxLag: settings.maxLagMs,
    connectTimeout: settings.connectTimeoutMs,
    commits: settings.commits,
    trackDrift: settings.trackDrift ? trackedScope(settings) : false,
    hooks: openHooks(settings, redact),
    hookTimeout: settings.hookTimeoutMs,
    backup: backup ? 'destructive' : 'never',
    backups: backupFolder(settings),
    toolVersion,
  })
}

/** Paths of the configuration belong to its folder. What a list has is checked target by target. */
function sourceOf(
  targets: FleetConfig['targets'],
  folder: string,
  learn: FleetSurroundings['learn'],
): TargetSource {
  if (typeof targets === 'function') return async () => listOf(await targets())
  if (Array.isArray(targets)) return () => listOf(targets)
  if ('file' in targets) return { file: resolve(folder, targets.file) }
  learn(targets.database)
  return targets
}

/** Whatever was given: `createFleet` checks each entry of it. */
function listOf(given: unknown): readonly FleetTarget[] {
  if (isList(given)) return given
  throw new TypeError('it gave no list')
}

function isList(given: unknown): given is readonly FleetTarget[] {
  return Array.isArray(given)
}
