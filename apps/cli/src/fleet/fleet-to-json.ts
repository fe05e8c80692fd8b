import { describeAction, summarizePlan } from '@tidemark/core'
import {
  countOutcomes,
  type FailedTarget,
  type FleetEvent,
  type FleetHistory,
  groupByVersion,
  groupPlans,
  type QueuedRollout,
  type RolloutResult,
  type TargetError,
  type TargetOutcome,
  type TargetPlan,
  type TargetStatus,
  type WorkEvent,
} from '@tidemark/fleet'
import { diagnosticToJson } from '../failure/error-to-json.ts'
import type {
  FleetEventJson,
  FleetFailureJson,
  FleetHistoryJson,
  FleetOutcomeJson,
  FleetPlanJson,
  FleetQueuedJson,
  FleetRolloutJson,
  FleetStatusJson,
  FleetWorkEventJson,
} from '../schema/fleet-schemas.ts'
import { adviseTarget } from './advise-target.ts'

/** How many statuses a table of versions is made of, and which targets are how. */
export function fleetStatusToJson(
  statuses: readonly TargetStatus[],
  queue: readonly QueuedRollout[],
): FleetStatusJson {
  const read = statuses.filter((one) => one.kind !== 'failed')
  const counted = (kind: TargetStatus['kind']) => statuses.filter((one) => one.kind === kind).length
  return {
    total: statuses.length,
    counts: {
      current: counted('current'),
      pending: counted('pending'),
      ahead: counted('ahead'),
      changed: counted('changed'),
      unreachable: counted('failed'),
    },
    versions: groupByVersion(statuses).map(({ version, kind, pending, targets }) => ({
      version,
      state: kind,
      pending,
      targets: [...targets],
    })),
    targets: read.map(({ name, kind, version, pending, ahead, failed, problems }) => ({
      name,
      state: kind,
      version,
      pending: [...pending],
      ahead: [...ahead],
      failed: [...failed],
      problems: [...problems],
    })),
    failures: failuresOf(statuses),
    queue: queue.map(queuedToJson),
  }
}

/** The plans of all targets, equal ones together. */
export function fleetPlanToJson(
  plans: readonly TargetPlan[],
  direction: FleetPlanJson['direction'],
): FleetPlanJson {
  return {
    direction,
    total: plans.length,
    groups: groupPlans(plans).map(({ kind, plan, targets }) => ({
      kind,
      steps: plan.steps.map((step) => ({ action: describeAction(step), id: step.id })),
      destructive: summarizePlan(plan).counts.destructive,
      findings: plan.findings.map(diagnosticToJson),
      targets: [...targets],
    })),
    failures: failuresOf(plans),
  }
}

/** What a rollout came to. */
export function rolloutToJson({ outcomes, ...result }: RolloutResult): FleetRolloutJson {
  const { not_begun: notBegun, ...counts } = countOutcomes(outcomes)
  return {
    ...result,
    counts: { ...counts, notBegun },
    durationMs: Math.round(result.durationMs),
    targets: outcomes.map(outcomeToJson),
  }
}

/** One event as a line of JSON. */
export function fleetEventToJson(event: FleetEvent): FleetEventJson {
  if (event.kind === 'target_finished') return { event: event.kind, ...outcomeToJson(event.outcome) }
  if (event.kind === 'wave_started') {
    const { kind, ...wave } = event
    return { event: kind, ...wave }
  }
  if (event.kind === 'target_started') return { event: event.kind, name: event.name, wave: event.wave }
  if (event.kind === 'pausing') return { event: event.kind, durationMs: event.durationMs, next: event.next }
  if (event.kind === 'queued')
    return { event: event.kind, rolloutId: event.rolloutId, targets: event.targets }
  if (event.kind === 'waiting') return { event: event.kind, direction: event.direction }
  if (event.kind !== 'stopped') return { event: event.kind }
  const { kind, failures, allowed, notBegun } = event
  return { event: kind, failures, allowed, notBegun }
}

/** One event of a worker as a line of JSON. */
export function workEventToJson(event: WorkEvent): FleetWorkEventJson {
  if (event.kind === 'target_finished') return { event: event.kind, ...outcomeToJson(event.outcome) }
  if (event.kind === 'target_started') return { event: event.kind, name: event.name, wave: event.wave }
  if (event.kind === 'ready') return { event: event.kind, concurrency: event.concurrency, files: event.files }
  if (event.kind === 'left') return { event: event.kind, rolloutId: event.rolloutId, reason: event.reason }
  if (event.kind === 'ending') return { event: event.kind, running: event.running }
  return { event: event.kind, message: event.message }
}

/** A rollout of the queue. */
export function queuedToJson(rollout: QueuedRollout): FleetQueuedJson {
  const { rolloutId, direction, state, wave, waves, executedBy, reason, counts, failed } = rollout
  return {
    ...{ rolloutId, direction, state, wave, executedBy, reason },
    waves: [...waves],
    startedAt: rollout.startedAt.toISOString(),
    endedAt: rollout.endedAt?.toISOString() ?? null,
    counts: { ...counts },
    failed: [...failed],
  }
}

/** The rollouts that the targets remember. */
export function fleetHistoryToJson(
  { rollouts, failed }: FleetHistory,
  queue: readonly QueuedRollout[],
  limit: number,
): FleetHistoryJson {
  return {
    queue: queue.map(queuedToJson),
    rollouts: rollouts.slice(0, limit).map((rollout) => ({
      ...rollout,
      startedAt: rollout.startedAt.toISOString(),
      endedAt: rollout.endedAt.toISOString(),
      migrations: [...rollout.migrations],
      targets: [...rollout.targets],
      failed: [...rollout.failed],
    })),
    failures: failuresOf(failed),
  }
}

function outcomeToJson(outcome: TargetOutcome): FleetOutcomeJson {
  const { name, wave, kind } = outcome
  return {
    name,
    wave,
    outcome: kind,
    done: 'done' in outcome ? [...outcome.done] : [],
    durationMs: kind === 'done' ? Math.round(outcome.durationMs) : null,
    error: kind === 'failed' ? errorOf(outcome) : null,
  }
}

function failuresOf(all: readonly (FailedTarget | { readonly kind: string })[]): FleetFailureJson[] {
  return all.flatMap((one) => (isFailed(one) ? [{ name: one.name, ...errorOf(one) }] : []))
}

function isFailed(one: FailedTarget | { readonly kind: string }): one is FailedTarget {
  return one.kind === 'failed'
}

function errorOf({
  name,
  error,
}: {
  readonly name: string
  readonly error: TargetError
}): Omit<FleetFailureJson, 'name'> {
  const { code, message, help, diagnostics } = error
  const first = diagnostics.length === 1 ? diagnostics[0] : undefined
  const advice = help ?? first?.help
  return {
    code,
    message: first?.message ?? message,
    help: advice === undefined ? null : adviseTarget(advice, name),
  }
}
