import type { Diagnostic } from '../../diagnostic/diagnostic.ts'
import type { MigrationId } from '../../migration/model/migration.ts'
import type { MigrationRow } from '../history/history.ts'
import type { CrossBaseline } from '../plan/plan.ts'
import type { AppliedOrder } from './applied-order.ts'

/** Where rolling back ends: what was recorded without being executed, and what that depends on. */
export interface Floor {
  /** Recorded, and not named by the request. */
  readonly recorded: ReadonlySet<MigrationId>
  /** Recorded or needed by something recorded. */
  readonly kept: ReadonlySet<MigrationId>
}

/**
 * Finds the floor: a baseline or a mark says that objects were there already, so rolling it back would take
 * what Tidemark did not make.
 *
 * @example findFloor(order, {}).recorded.has('001_before_tidemark') // true
 */
export function findFloor(order: AppliedOrder, { beyondBaseline = [] }: CrossBaseline): Floor {
  const named = new Set(beyondBaseline === 'any' ? order.rows.map(({ id }) => id) : beyondBaseline)
  const recorded = new Set(
    order.rows.filter((row) => isRecorded(row) && !named.has(row.id)).map((row) => row.id),
  )
  return { recorded, kept: new Set([...recorded, ...order.listAncestors(recorded)]) }
}

/** Tells whether a migration counts as applied without having been executed. */
export function isRecorded({ application }: MigrationRow): boolean {
  return application?.how === 'recorded'
}

/** TM6011: what was recorded without being executed stays, or refuses the request. */
export function describeFloor(
  order: AppliedOrder,
  ids: readonly MigrationId[],
  severity: 'error' | 'warning',
): Diagnostic {
  const [first = '', ...more] = ids
  const row = order.index.rows.get(first)
  const when = row?.application === undefined ? '' : ` on ${formatMinute(row.application.executedAt)}`
  const others = more.length === 0 ? '' : ` and ${more.length} more`
  const named = ids.map((id) => `--beyond-baseline ${id}`).join(' ')
  return {
    code: 'TM6011',
    severity,
    message: `"${first}"${others} ${more.length === 0 ? 'was' : 'were'} recorded without being executed${when}, so ${more.length === 0 ? 'it is' : 'they are'} not rolled back`,
    help: `their objects may be older than Tidemark; if they are to go too, name each of them: ${named}`,
  }
}

/** A time as people read it: UTC, to the minute. */
export function formatMinute(time: Date): string {
  return `${time.toISOString().slice(0, 16).replace('T', ' ')} UTC`
}
