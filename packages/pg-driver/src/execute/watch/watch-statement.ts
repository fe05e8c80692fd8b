import type { LockHolder, MigrationId } from '@tidemark/core'
import type { Connection } from '../../connection/connection.ts'
import type { ExecutionContext } from '../../engine/execution-context.ts'
import { listBlockers } from '../../lock/run-lock.ts'
import { findStandbyWait, STANDBY_PATIENCE_MS } from './standby-wait.ts'
import { findStatementProgress } from './statement-progress.ts'

/** What the server works on. */
export interface WatchedStatement {
  readonly id: MigrationId
  /** Undefined for SQL of ours around the statements of a file. */
  readonly index: number | undefined
  /** By `performance.now()`; another statement has another one. */
  readonly startedAt: number
}

/** When a statement is looked at. */
export interface WatchPace {
  readonly everyMs: number
  /** How long a statement may take before it is looked at. */
  readonly patienceMs: () => number
}

/**
 * Looks at a long statement from a second connection: who blocks it, and how far it is. Afterwards that
 * cannot be found out.
 */
export interface StatementWatch {
  /** Who blocked at the last look that found anyone. */
  lastSeen(): readonly LockHolder[]
  stop(): Promise<void>
}

const DEFAULT_PACE: WatchPace = { everyMs: 200, patienceMs: () => 200 }

/**
 * Watches what the server works on, and reports who blocks it and, for what the server counts, how far it is.
 * The second connection is opened when a statement takes long. An embedded database has one session, which
 * cannot be watched.
 */
export function watchStatement(
  context: ExecutionContext,
  current: () => WatchedStatement | undefined,
  { everyMs, patienceMs }: WatchPace = DEFAULT_PACE,
): StatementWatch {
  const { connection, engine, emit, signal } = context
  let seen: readonly LockHolder[] = []
  let control: Promise<Connection> | undefined
  let look: Promise<void> | undefined
  let reported = ''
  let isWaitReported = false
  const lookAt = async ({ id, index, startedAt }: WatchedStatement) => {
    control ??= engine.connect('control', signal)
    if (!isWaitReported && performance.now() - startedAt >= STANDBY_PATIENCE_MS) {
      const wait = await findStandbyWait(await control, connection.processId)
      if (wait !== undefined) emit(wait)
      isWaitReported = wait !== undefined
    }
    const [blockers, progress] = await Promise.all([
      listBlockers(await control, connection.processId),
      findStatementProgress(await control, connection.processId),
    ])
    if (blockers.length > 0) seen = blockers
    if (index === undefined || current()?.startedAt !== startedAt) return
    if (blockers.length > 0) {
      const waitedMs = performance.now() - startedAt
      emit({ kind: 'statement_blocked', id, index, waitedMs, blockers })
    }
    const text = JSON.stringify(progress)
    if (progress === undefined || text === reported) return
    reported = text
    emit({ kind: 'statement_progress', id, index, ...progress })
  }
  const timer = setInterval(() => {
    if (look !== undefined) return
    const statement = current()
    if (statement === undefined || performance.now() - statement.startedAt < patienceMs()) return
    look = lookAt(statement)
      .catch(() => undefined)
      .then(() => {
        look = undefined
      })
  }, everyMs)
  if (connection.kind === 'embedded') clearInterval(timer)
  return {
    lastSeen: () => seen,
    async stop() {
      clearInterval(timer)
      await look
      await control?.then((opened) => opened.close()).catch(() => undefined)
    },
  }
}
