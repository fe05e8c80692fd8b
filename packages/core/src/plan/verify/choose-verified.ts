import type { Diagnostic } from '../../diagnostic/diagnostic.ts'
import type { MigrationGraph } from '../../graph/migration-graph.ts'
import type { MigrationId } from '../../migration/model/migration.ts'
import { err, ok, type Result } from '../../result.ts'
import type { History } from '../history/history.ts'
import { isElsewhereRow } from '../history/is-elsewhere-row.ts'
import { orderApplied } from '../rollback/applied-order.ts'
import { describeNotApplied } from '../rollback/rollback-problems.ts'

/** What {@link chooseVerified} reads. */
export interface ChooseVerifiedInput {
  readonly graph: MigrationGraph
  readonly history: History
  /** Default: everything applied that is not for other environments. */
  readonly ids?: readonly MigrationId[] | undefined
}

/**
 * Chooses the applied migrations whose `@verify` is run again, in the order in which they were applied. A
 * replaced id means the squash that replaces it.
 *
 * @returns the ids, or TM2007 for an unknown one, TM6003 for one that is not applied.
 */
export function chooseVerified(
  input: ChooseVerifiedInput,
): Result<readonly MigrationId[], readonly Diagnostic[]> {
  const order = orderApplied(input.graph, input.history)
  const isApplied = (id: MigrationId) => order.index.states.get(id)?.kind !== 'half_rolled_back'
  const all = order.rows.filter(({ id }) => isApplied(id)).reverse()
  const isApart = isElsewhereRow(input.graph)
  if (input.ids === undefined || input.ids.length === 0)
    return ok(all.flatMap((row) => (isApart(row) ? [] : row.id)))
  const problems = input.ids.filter((id) => {
    const row = order.find(id)
    return row === undefined || !isApplied(row.id)
  })
  if (problems.length > 0) {
    return err(
      problems.map((id) => {
        const problem = describeNotApplied(order, id)
        return problem.code === 'TM6003'
          ? { ...problem, help: 'see what is applied: tidemark status' }
          : problem
      }),
    )
  }
  const asked = new Set(input.ids.flatMap((id) => order.find(id)?.id ?? []))
  return ok(all.flatMap(({ id }) => (asked.has(id) ? id : [])))
}
