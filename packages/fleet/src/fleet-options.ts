import { type MigrationReader, type RunHooks, refuseUnknownKeys, TidemarkError } from '@tidemark/core'
import type { Duration } from '@tidemark/pg-driver'
import { durationMs } from '@tidemark/pg-driver/engine'
import type { TargetSettings } from './target/fleet-target.ts'
import type { TargetSource } from './target/read-targets.ts'
import { planWaves } from './wave/plan-waves.ts'
import { allowedFailures } from './wave/stop-rule.ts'

/** What `createFleet` takes. Settings of a runner are those of every target that has none of its own. */
export interface FleetOptions extends TargetSettings {
  /** A folder, or where else migrations come from. Read once for all targets. */
  readonly migrations: string | MigrationReader
  readonly targets: TargetSource
  /**
   * Hosts that targets from a query or a file may lead to: `*.db.internal`, `10.0.0.*:5432`. Required for these.
   */
  readonly hosts?: readonly string[] | undefined
  /** Given the URLs of the targets before any of them is used, for those who mask what they hold. */
  readonly onTargets?: ((urls: readonly string[]) => void) | undefined
  /** `ring:NAME` and percentages, tried one after the other. Default `['100%']`. */
  readonly waves?: readonly string[] | undefined
  /** How many targets are tried at a time. Default 16. */
  readonly concurrency?: number | undefined
  /** How many of them on one server, which is also the number of connections to it. Default 4. */
  readonly perServer?: number | undefined
  /** More failures than this, a number or a percentage of the targets, stop what has not begun. Default 0. */
  readonly maxFailures?: number | string | undefined
  /** How long to wait between two waves. Default none. */
  readonly pause?: Duration | undefined
  /**
   * A `postgres://` URL: `up` and `down` give the targets to workers as jobs in this database, and watch. It needs
   * a session of its own, so no transaction pooler.
   */
  readonly queue?: string | undefined
  /** What is done before and after `up` on each target. */
  readonly hooks?: RunHooks | undefined
  readonly hookTimeout?: Duration | undefined
  /** `destructive` saves what destructive steps take away. Default `never`. */
  readonly backup?: 'never' | 'destructive' | undefined
  /** In it each target has a folder of its own: `fleet/NAME-…`. Default `.tidemark/backups`. */
  readonly backups?: string | undefined
  /** Who runs, for the records. Default user and host. */
  readonly executedBy?: string | undefined
  readonly toolVersion?: string | undefined
}

const KEYS: Readonly<Record<keyof FleetOptions, true>> = {
  migrations: true,
  targets: true,
  hosts: true,
  onTargets: true,
  waves: true,
  concurrency: true,
  perServer: true,
  maxFailures: true,
  pause: true,
  queue: true,
  hooks: true,
  hookTimeout: true,
  backup: true,
  backups: true,
  executedBy: true,
  toolVersion: true,
  schema: true,
  searchPath: true,
  createSchema: true,
  directUrl: true,
  connectTimeout: true,
  ssl: true,
  environment: true,
  variables: true,
  readers: true,
  rowSecurity: true,
  lockTimeout: true,
  lockRetries: true,
  lockWait: true,
  statementTimeout: true,
  batchTime: true,
  maxLag: true,
  commits: true,
  trackDrift: true,
}

/**
 * Checks the options when a fleet is made.
 *
 * @throws TidemarkError TM7002 for an unknown one, TM7003 for a wrong value.
 */
export function checkFleetOptions(options: FleetOptions): void {
  refuseUnknownKeys('createFleet', Object.keys(options), Object.keys(KEYS))
  for (const name of ['concurrency', 'perServer'] as const) {
    const value = options[name]
    if (value === undefined || (Number.isSafeInteger(value) && value > 0)) continue
    throw new TidemarkError({
      code: 'TM7003',
      message: `"${name}" is not valid: ${JSON.stringify(value)}`,
      help: 'write a whole number from 1 on',
    })
  }
  // What is wrong with these is said before anything is read.
  planWaves([], options.waves ?? [])
  allowedFailures(options.maxFailures ?? 0, 0)
  durationMs('pause', options.pause, 0)
}
