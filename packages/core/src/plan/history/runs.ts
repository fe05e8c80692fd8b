import type { MigrationId } from '../../migration/model/migration.ts'
import { compareApplied, listApplying } from './application.ts'
import type { History, MigrationAttempt } from './history.ts'
import { indexHistory } from './history-index.ts'

/** What one run did, as its attempts say. */
export interface Run {
  readonly runId: string
  /** `redo`: it rolled back and applied, as `redo`, `reset` and `switch` do. */
  readonly kind: 'up' | 'down' | 'redo' | 'mark' | 'baseline' | 'repair'
  /** When its last attempt ended. */
  readonly endedAt: Date
  readonly executedBy: string | null
  readonly reason: string | null
  /** Oldest first. */
  readonly attempts: readonly MigrationAttempt[]
  /** What it applied, whether it still is or not: what it only ran again is not among it. */
  readonly applied: readonly MigrationId[]
  /**
   * What it applied and is applied now, in the order of application; also what a squash has replaced since.
   */
  readonly inForce: readonly MigrationId[]
}

/**
 * Lists the runs that left attempts, the newest first, by the sequence of their last attempts.
 *
 * @param history with applications: see `withApplications`.
 * @example listRuns(withApplications(history, attempts), attempts)[0]?.inForce // ['001_users']
 */
export function listRuns(history: History, attempts: readonly MigrationAttempt[]): readonly Run[] {
  const byRun = new Map<string, MigrationAttempt[]>()
  for (const attempt of [...attempts].sort((a, b) => a.sequence - b.sequence)) {
    if (attempt.runId === null) continue
    const known = byRun.get(attempt.runId)
    if (known === undefined) byRun.set(attempt.runId, [attempt])
    else known.push(attempt)
  }
  const inForce = listInForce(history)
  const applying = listApplying(attempts)
  return [...byRun]
    .map(([runId, all]) => toRun(runId, all, { applying, inForce: inForce.get(runId) ?? [] }))
    .sort((a, b) => lastSequence(b) - lastSequence(a))
}

/** The sequence of a run's last attempt. */
export function lastSequence({ attempts }: Pick<Run, 'attempts'>): number {
  return attempts.at(-1)?.sequence ?? 0
}

/**
 * Finds runs by an id, or the beginning of one: exactly one when it is not ambiguous. An exact id always
 * wins.
 *
 * @example findRuns(runs, '36f4').length // 1
 */
export function findRuns<R extends Pick<Run, 'runId'>>(runs: readonly R[], text: string): readonly R[] {
  const wanted = text.toLowerCase()
  const exact = runs.find(({ runId }) => runId.toLowerCase() === wanted)
  if (exact !== undefined) return [exact]
  return wanted === '' ? [] : runs.filter(({ runId }) => runId.toLowerCase().startsWith(wanted))
}

function listInForce(history: History): ReadonlyMap<string, readonly MigrationId[]> {
  const { rows, states } = indexHistory(history)
  const inForce = new Map<string, MigrationId[]>()
  for (const { id, application } of [...rows.values()].sort(compareApplied)) {
    const state = states.get(id)
    if (state === undefined || !('applied' in state || state.kind === 'set_aside')) continue
    const runId = application?.runId
    if (runId == null) continue
    const ids = inForce.get(runId)
    if (ids === undefined) inForce.set(runId, [id])
    else ids.push(id)
  }
  return inForce
}

function toRun(
  runId: string,
  attempts: readonly MigrationAttempt[],
  { applying, inForce }: Pick<Run, 'inForce'> & { readonly applying: ReadonlySet<MigrationAttempt> },
): Run {
  const last = attempts.at(-1)
  const reason = attempts.map(({ details }) => details?.['reason']).find((one) => typeof one === 'string')
  return {
    runId,
    kind: kindOf(attempts),
    endedAt: last?.executedAt ?? new Date(0),
    executedBy: last?.executedBy ?? null,
    reason: typeof reason === 'string' ? reason : null,
    attempts,
    applied: attempts.flatMap((one) =>
      applying.has(one) && one.direction === 'up' ? [one.migrationId] : [],
    ),
    inForce,
  }
}

function kindOf(attempts: readonly MigrationAttempt[]): Run['kind'] {
  const directions = new Set(attempts.map(directionOf))
  if (directions.has('up')) return directions.has('down') ? 'redo' : 'up'
  return attempts[0] === undefined ? 'mark' : directionOf(attempts[0])
}

/** A squash is recorded by a run of `up`. */
function directionOf({ direction, details }: MigrationAttempt): MigrationAttempt['direction'] {
  return direction === 'mark' && details?.['as'] === 'squash' ? 'up' : direction
}
