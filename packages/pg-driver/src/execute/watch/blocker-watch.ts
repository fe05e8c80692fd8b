import type { LockHolder } from '@tidemark/core'
import type { Connection } from '../../connection/connection.ts'
import type { ExecutionContext } from '../../engine/execution-context.ts'
import { listBlockers } from '../../lock/run-lock.ts'
import type { StatementPosition } from '../../script/pipelined-messages.ts'
import type { StepScript } from '../../script/step-script.ts'
import { findStatementProgress } from './statement-progress.ts'

/** Sees who blocks the migrating connection, while it is blocked, and how far a long statement is: afterwards nobody can tell. */
export interface BlockerWatch {
  /** Who blocked at the last look that found anyone. */
  lastSeen(): readonly LockHolder[]
  stop(): Promise<void>
}

/** What the server works on. */
export interface WatchedStep {
  readonly script: Pick<StepScript, 'step' | 'lockTimeoutMs'>
  readonly place: StatementPosition
  readonly sinceLastAnswerMs: number
}

const LOOK_EVERY_MS = 100
const LONG_MS = 1000

/** Watches the step that the server works on; opens a connection of its own only when something takes long. */
export function watchBlockers(context: ExecutionContext, head: () => WatchedStep | undefined): BlockerWatch {
  let seen: readonly LockHolder[] = []
  let control: Promise<Connection> | undefined
  let look: Promise<void> | undefined
  let told = ''
  const { connection, engine, signal } = context
  const lookNow = async () => {
    control ??= engine.connect('control', signal)
    const watched = head()
    const index = indexOf(watched)
    const [blockers, progress] = await Promise.all([
      listBlockers(await control, connection.processId),
      findStatementProgress(await control, connection.processId),
    ])
    if (blockers.length > 0) {
      seen = blockers
      tell(head(), blockers)
    }
    const text = JSON.stringify(progress)
    if (progress === undefined || text === told || watched !== head() || index !== indexOf(watched)) return
    told = text
    if (watched !== undefined && index !== undefined) {
      context.emit({ kind: 'statement_progress', id: watched.script.step.id, index, ...progress })
    }
  }
  const tell = (flight: WatchedStep | undefined, blockers: readonly LockHolder[]) => {
    if (flight?.place.kind !== 'statement') return
    const { id } = flight.script.step
    const waitedMs = flight.sinceLastAnswerMs
    context.emit({ kind: 'statement_blocked', id, index: flight.place.index, waitedMs, blockers })
  }
  const timer = setInterval(() => {
    const flight = head()
    if (flight === undefined || look !== undefined || !isSlow(flight)) return
    look = lookNow()
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

function indexOf(flight: WatchedStep | undefined): number | undefined {
  return flight?.place.kind === 'statement' ? flight.place.index : undefined
}

/** A lock that is soon given up is looked at soon. */
function isSlow(flight: WatchedStep): boolean {
  const { lockTimeoutMs } = flight.script
  const patienceMs = lockTimeoutMs === 0 ? LONG_MS : Math.min(LONG_MS, lockTimeoutMs / 3)
  return flight.sinceLastAnswerMs >= patienceMs
}
