import type { LockHolder, MigrationId } from '@tidemark/core'
import type { Connection } from '../../connection/connection.ts'
import type { ExecutionContext } from '../../engine/execution-context.ts'
import { listBlockers } from '../../lock/run-lock.ts'
import { findStatementProgress } from './statement-progress.ts'

/** The statement that the server works on. */
export interface WatchedStatement {
  readonly id: MigrationId
  readonly index: number
  /** By `performance.now()`. */
  readonly startedAt: number
}

/** Looks at a long statement from a second connection: who blocks it, and how far it is. */
export interface StatementWatch {
  /** Who blocked at the last look that found anyone. */
  lastSeen(): readonly LockHolder[]
  stop(): Promise<void>
}

const LOOK_EVERY_MS = 200

/**
 * Watches the statements of a file without a transaction, and tells how far those are of which the server knows it. The
 * second connection is opened when one takes long. An embedded database has one session, which cannot be watched.
 */
export function watchStatement(
  context: ExecutionContext,
  current: () => WatchedStatement | undefined,
): StatementWatch {
  const { connection, engine, emit, signal } = context
  let seen: readonly LockHolder[] = []
  let control: Promise<Connection> | undefined
  let look: Promise<void> | undefined
  let told = ''
  const lookAt = async ({ id, index, startedAt }: WatchedStatement) => {
    control ??= engine.connect('control', signal)
    const [blockers, progress] = await Promise.all([
      listBlockers(await control, connection.processId),
      findStatementProgress(await control, connection.processId),
    ])
    if (blockers.length > 0) seen = blockers
    if (current()?.startedAt !== startedAt) return
    if (blockers.length > 0) {
      const waitedMs = performance.now() - startedAt
      emit({ kind: 'statement_blocked', id, index, waitedMs, blockers })
    }
    const text = JSON.stringify(progress)
    if (progress === undefined || text === told) return
    told = text
    emit({ kind: 'statement_progress', id, index, ...progress })
  }
  const timer = setInterval(() => {
    const statement = current()
    if (statement === undefined || look !== undefined) return
    if (performance.now() - statement.startedAt < LOOK_EVERY_MS) return
    look = lookAt(statement)
      .catch(() => undefined)
      .then(() => {
        look = undefined
      })
  }, LOOK_EVERY_MS)
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
