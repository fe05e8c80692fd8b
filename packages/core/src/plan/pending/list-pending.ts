import type { MigrationGraph } from '../../graph/migration-graph.ts'
import { nodeAt } from '../../graph/migration-graph.ts'
import type { Migration } from '../../migration/model/migration.ts'
import type { History } from '../history/history.ts'
import { indexHistory } from '../history/history-index.ts'
import { findDue } from './find-due.ts'
import { inPlanOrder } from './plan-order.ts'

/** What {@link listPending} reads. */
export interface ListPendingInput {
  readonly graph: MigrationGraph
  readonly history: History
}

/**
 * Lists what a run without options would apply or record, in plan order: files − applied, by id, plus changed
 * `Run: on_change` files.
 *
 * @example listPending({ graph, history }).length === 0 // current
 */
export function listPending({ graph, history }: ListPendingInput): readonly Migration[] {
  const due = findDue({ graph, index: indexHistory(history), rerun: new Set() })
  return inPlanOrder([...due.keys()].map((index) => nodeAt(graph, index))).map((node) => node.migration)
}
