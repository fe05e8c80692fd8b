import { randomUUID } from 'node:crypto'
import { hostname, userInfo } from 'node:os'
import { TidemarkError } from '@tidemark/core'
import type { RestorePlan } from '@tidemark/pg-driver'
import { openBackups } from '../database/open-backups.ts'
import type { DatabaseSettings } from '../database/require-database.ts'
import type { RestoreJson } from '../schema/operation-schemas.ts'

/** What {@link restoreRun} needs. */
export interface RestoreContext {
  readonly runId: string
  readonly mode: 'plan' | 'restore'
  readonly anyTarget: boolean
  /** Where the backups are. Default where this project keeps them. */
  readonly backups: string | undefined
  readonly reason: string | undefined
  readonly toolVersion: string
  readonly signal: AbortSignal
  /** Shown what will be done; throws to refuse. */
  readonly approve: (planned: RestoreJson) => Promise<void>
}

/**
 * Plans a restore, has it approved, and does it.
 *
 * @throws {TidemarkError} TM7016 for an embedded database, and what a restorer throws.
 */
export async function restoreRun(settings: DatabaseSettings, context: RestoreContext): Promise<RestoreJson> {
  const { runId, anyTarget, backups, signal, toolVersion, reason } = context
  const opened = await openBackups(settings, { anyTarget, backups, signal })
  if (opened === undefined) throw noBackups()
  const { restorer } = opened
  const planned = toJson(await restorer.plan(runId), settings)
  if (context.mode === 'plan') return planned
  await context.approve(planned)
  const why = reason === undefined ? {} : { reason }
  const run = { runId: randomUUID(), executedBy: executor(), toolVersion, ...why }
  return { ...toJson(await restorer.restore(runId, run), settings), done: true }
}

function toJson({ target, manifest, steps }: RestorePlan, { schema }: DatabaseSettings): RestoreJson {
  return {
    target: { ...target, schema },
    runId: manifest.runId,
    done: false,
    steps: steps.map(({ entry, manner, tables }) => ({
      migrationId: entry.migrationId,
      tables: tables.map((table) => `${table.schema}.${table.name}`),
      manner,
      file: entry.file,
    })),
  }
}

function noBackups(): TidemarkError {
  return new TidemarkError({
    code: 'TM7016',
    message: 'an embedded database has no backups to restore',
    help: 'restore the copy of its folder while nothing uses it',
  })
}

function executor(): string {
  return `${userInfo().username}@${hostname()}`
}
