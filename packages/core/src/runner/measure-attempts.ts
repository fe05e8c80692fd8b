import type { LockHolder } from '../diagnostic/lock-holder.ts'
import type { MigrationId } from '../migration/model/migration.ts'
import type { PlanStep } from '../plan/plan/plan.ts'
import type { AttemptMeasures } from '../ports/migration-session.ts'
import type { RunEvent } from '../ports/run-events.ts'

/** Statements that take less are not worth a line. */
const SLOW_MS = 10
/** The slowest of an attempt are kept. */
const MOST_STATEMENTS = 50

/** Gathers from a run's events what its attempts took. */
export interface Measuring {
  readonly onEvent: (event: RunEvent) => void
  /** What is worth keeping, one entry an attempt. */
  list(): readonly AttemptMeasures[]
}

interface Attempt {
  readonly id: MigrationId
  readonly direction: 'up' | 'down'
  /** How many statements come before those of `@verify`. */
  readonly ownCount: number
  readonly statements: Map<number, number>
  readonly lockWaits: Map<number, { readonly waitedMs: number; readonly blockers: readonly unknown[] }>
  readonly retries: unknown[]
}

/**
 * Measures the attempts of a run: statements of 10 ms and more (the 50 slowest), waits for table locks with
 * who held them, and retries with what caused them. Statements and queries of `@verify` count from 1, times
 * are milliseconds. Queries of others are left out.
 *
 * @example
 * const measuring = measureAttempts()
 * events.forEach(measuring.onEvent)
 * measuring.list() // [{ id: '007_a', direction: 'up', details: { statements: [{ statement: 2, durationMs: 1400 }] } }]
 */
export function measureAttempts(): Measuring {
  const attempts: Attempt[] = []
  return {
    onEvent(event) {
      if (event.kind === 'step_started') begin(attempts, event.step)
      else note(attempts.at(-1), event)
    },
    list: () =>
      attempts.flatMap(({ id, direction, ...measured }) => {
        const details = detailsOf(measured)
        return Object.keys(details).length === 0 ? [] : [{ id, direction, details }]
      }),
  }
}

/** A step that is tried again is the same attempt. */
function begin(attempts: Attempt[], step: PlanStep): void {
  const direction = step.kind === 'roll_back' || step.kind === 'unrecord' ? 'down' : 'up'
  const last = attempts.at(-1)
  if (last?.id === step.id && last.direction === direction) {
    last.statements.clear()
    return
  }
  const ownCount = ownCountOf(step)
  attempts.push({
    id: step.id,
    direction,
    ownCount,
    statements: new Map(),
    lockWaits: new Map(),
    retries: [],
  })
}

function ownCountOf(step: PlanStep): number {
  if (step.kind === 'apply') return step.migration.up.statements.length
  return step.kind === 'verify' ? 0 : Number.POSITIVE_INFINITY
}

function note(attempt: Attempt | undefined, event: RunEvent): void {
  if (attempt === undefined) return
  switch (event.kind) {
    case 'statement_finished':
      if (event.durationMs >= SLOW_MS) attempt.statements.set(event.index, event.durationMs)
      return
    case 'statement_blocked':
      attempt.lockWaits.set(event.index, {
        waitedMs: Math.round(event.waitedMs),
        blockers: event.blockers.map(nameHolder),
      })
      return
    case 'step_retry': {
      const { attempt: number, sqlState, delayMs, blockers } = event
      attempt.retries.push({
        attempt: number,
        sqlState,
        delayMs: Math.round(delayMs),
        blockers: blockers.map(nameHolder),
      })
      return
    }
    default:
  }
}

function nameHolder({ pid, applicationName, user, other }: LockHolder) {
  return { pid, applicationName: applicationName || nameOther(other), user }
}

/** A prepared transaction has no process, and its name in place of an application's. */
function nameOther(other: LockHolder['other']): string | null {
  if (other === undefined) return null
  return other.kind === 'prepared_transaction' ? `prepared transaction ${other.gid}` : other.kind
}

function detailsOf({
  ownCount,
  statements,
  lockWaits,
  retries,
}: Omit<Attempt, 'id' | 'direction'>): Readonly<Record<string, unknown>> {
  const place = (index: number) =>
    index < ownCount ? { statement: index + 1 } : { verify: index - ownCount + 1 }
  const slowest = [...statements]
    .sort(([, a], [, b]) => b - a)
    .slice(0, MOST_STATEMENTS)
    .sort(([a], [b]) => a - b)
    .map(([index, durationMs]) => ({ ...place(index), durationMs: Math.round(durationMs) }))
  const waits = [...lockWaits].map(([index, wait]) => ({ ...place(index), ...wait }))
  return {
    ...(slowest.length === 0 ? {} : { statements: slowest }),
    ...(waits.length === 0 ? {} : { lockWaits: waits }),
    ...(retries.length === 0 ? {} : { retries }),
  }
}
