import type { Diagnostic } from '../../diagnostic/diagnostic.ts'
import { findNode, type MigrationGraph } from '../../graph/migration-graph.ts'
import { listWithAncestors } from '../../graph/reach.ts'
import type { MigrationId } from '../../migration/model/migration.ts'
import { err, ok, type Result } from '../../result.ts'
import { describeUnknownId } from '../apply/describe-unknown-id.ts'
import { planApply } from '../apply/plan-apply.ts'
import { describeOrphan } from '../changes/find-orphan-findings.ts'
import { withApplications } from '../history/application.ts'
import { findOrphans } from '../history/find-orphans.ts'
import type { History, StoredMigration } from '../history/history.ts'
import { indexHistory } from '../history/history-index.ts'
import { listIdsToLoad } from '../history/ids-to-load.ts'
import { completePlan } from '../plan/complete-plan.ts'
import type { MigrationPlan, PlanRequest, PlanStep, RollbackRequest } from '../plan/plan.ts'
import { afterRollback } from '../rollback/after-rollback.ts'
import type { KnownRuns } from '../rollback/choose-run.ts'
import {
  crossed,
  listRollbackTargets,
  type PlanRollbackInput,
  planRollback,
} from '../rollback/plan-rollback.ts'

/** A request that first rolls back and then applies. */
export type RoundTripRequest = Extract<PlanRequest, { readonly action: 'redo' | 'reset' | 'switch' }>

/** What {@link planRoundTrip} reads. */
export interface PlanRoundTripInput extends KnownRuns {
  readonly graph: MigrationGraph
  readonly history: History
  readonly request: RoundTripRequest
  /** The stored texts of what `listRoundTripNeeds` names. */
  readonly stored: ReadonlyMap<MigrationId, StoredMigration>
}

/**
 * Lists the ids whose stored text {@link planRoundTrip} reads.
 *
 * @returns the ids, or what is wrong with the request.
 * @example listRoundTripNeeds({ graph, history, request: { action: 'reset' } }) // { ok: true, value: ['001_users'] }
 */
export function listRoundTripNeeds(
  input: Omit<PlanRoundTripInput, 'stored'>,
): Result<readonly MigrationId[], readonly Diagnostic[]> {
  const targets = listRollbackTargets({ ...input, ...rollbackOf(input) })
  return targets.ok ? ok([...new Set([...targets.value, ...listIdsToLoad(input)])]) : targets
}

/**
 * Decides what `redo`, `reset` and `switch` do: first what is rolled back, from stored SQL, then what is
 * applied, as one plan that is checked as a whole before its first step. After a `redo` only what was rolled
 * back is applied again.
 *
 * @returns the plan, or what `planRollback` refuses, TM4002 for what could not be applied again because its
 *   file is gone, and TM4012 where a file was only renamed.
 * @example planRoundTrip({ graph, history, stored, request: { action: 'reset' } })
 */
export function planRoundTrip(input: PlanRoundTripInput): Result<MigrationPlan, readonly Diagnostic[]> {
  const { graph, stored, request, attempts } = input
  const history = attempts === undefined ? input.history : withApplications(input.history, attempts)
  const renames = findRenames({ ...input, history })
  if (renames.length > 0) return err(renames)
  const down = planRollback({ ...input, ...rollbackOf(input) })
  if (!down.ok) return down
  const ids = down.value.steps.map((step) => step.id)
  const lost = request.action === 'redo' ? findWithoutFile({ ...input, history }, ids) : []
  if (lost.length > 0) return err(lost)
  const up = planApply({ graph, history: afterRollback(history, ids), stored })
  if (!up.ok) return up
  const wanted = request.action === 'redo' ? closure(graph, ids) : undefined
  const isChosen = ({ id }: PlanStep) => wanted === undefined || wanted.has(id)
  const chosen = up.value.steps.filter(isChosen)
  const steps: readonly PlanStep[] = [...down.value.steps, ...chosen]
  return ok(
    completePlan({
      direction: 'up',
      request,
      steps,
      findings: [...down.value.findings, ...up.value.findings],
      total: graph.nodes.length,
      leftOut: up.value.steps.filter((step) => !isChosen(step)).map((step) => step.id),
      graph,
      history,
    }),
  )
}

/** The rollback that a request begins with. */
function rollbackOf(
  input: Omit<PlanRoundTripInput, 'stored'>,
): Pick<PlanRollbackInput, 'request' | 'command' | 'beyondBaseline'> {
  const { request } = input
  const command = request.action === 'redo' ? 'redo' : 'down'
  return { request: rollbackRequestOf(input), command, ...crossed(request) }
}

function rollbackRequestOf({ graph, history, request }: Omit<PlanRoundTripInput, 'stored'>): RollbackRequest {
  if (request.action === 'redo') return request.rollback
  if (request.action === 'reset') return { kind: 'all' }
  return { kind: 'targets', ids: findOrphans(graph, indexHistory(history)).map((row) => row.id) }
}

/** A file that was only renamed is not to be rolled back and applied again: that would lose what it holds. */
function findRenames({ graph, history, stored, request }: PlanRoundTripInput): readonly Diagnostic[] {
  if (request.action !== 'switch') return []
  const now = planApply({ graph, history, stored })
  return now.ok ? now.value.findings.filter(({ code }) => code === 'TM4012') : []
}

function findWithoutFile(
  { graph, history }: PlanRoundTripInput,
  ids: readonly MigrationId[],
): readonly Diagnostic[] {
  const { rows } = indexHistory(history)
  return ids
    .filter((id) => findNode(graph, id)?.migration.id !== id)
    .flatMap((id) => rows.get(id) ?? [])
    .map((row) =>
      graph.elsewhere.some(({ id }) => id === row.id)
        ? describeUnknownId(graph, row.id)
        : {
            ...describeOrphan(row, 'error', undefined),
            help: `restore the file, or only roll it back: tidemark down --target ${row.id}`,
          },
    )
}

function closure(graph: MigrationGraph, ids: readonly MigrationId[]): ReadonlySet<MigrationId> {
  return new Set(listWithAncestors(graph, ids).map((node) => node.migration.id))
}
