import type {
  FleetFailureJson,
  FleetHistoryJson,
  FleetOutcomeJson,
  FleetPlanJson,
  FleetRolloutJson,
  FleetStatusJson,
} from '../schema/fleet-schemas.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { count } from '../text/count.ts'
import { formatElapsed, formatMoment } from '../text/duration.ts'
import { listFew } from '../text/few.ts'
import { type Cell, presentTable } from '../text/table.ts'
import { presentQueue } from './present-queue.ts'

type View = Pick<Terminal, 'paint' | 'width'>

/** Writes the table of versions, and by name what is not current. */
export function presentFleetStatus(status: FleetStatusJson, { paint, width }: View): string {
  const { total, versions, targets, failures } = status
  const rows = versions.map(({ version, state, pending, targets: names }): readonly Cell[] => [
    { text: version ?? '(nothing applied)' },
    { text: String(names.length), align: 'right' },
    {
      text: state === 'pending' ? `${pending} pending` : state,
      paint: state === 'current' ? paint.green : paint.yellow,
    },
    { text: state === 'current' ? '' : listFew(names), paint: paint.dim },
  ])
  const failed = targets.filter((one) => one.failed.length > 0)
  const reasons = [
    ...targets.flatMap(({ name, problems }) => problems.map((text) => ` ✗ ${name}  ${text}`)),
    ...failed.flatMap(({ name, failed: ids }) =>
      ids.map(({ id, error }) => ` ✗ ${name}  ${id}: ${error ?? 'failed'}`),
    ),
    ...failures.map(presentFailure),
  ]
  const blocks = [
    `${paint.bold('fleet')}  ${count(total, 'target')}: ${describeCounts(status)}`,
    ...(rows.length === 0 ? [] : [presentTable(rows, { width, flexible: 3 })]),
    ...(reasons.length === 0 ? [] : [reasons.join('\n')]),
    ...presentQueue(status.queue, { paint }),
  ]
  return blocks.join('\n\n')
}

function describeCounts({ counts }: FleetStatusJson): string {
  const parts = Object.entries(counts).filter(([, number]) => number > 0)
  return parts.map(([state, number]) => `${number} ${state}`).join(', ') || 'none'
}

/** Writes what would run, equal plans together. */
export function presentFleetPlan(
  { total, groups, failures, direction }: FleetPlanJson,
  { paint }: View,
): string {
  const verb = direction === 'up' ? 'apply' : 'roll back'
  const blocks = groups.map(({ kind, steps, findings, targets, destructive }) => {
    const what =
      kind === 'nothing'
        ? `nothing to ${verb}`
        : kind === 'refused'
          ? paint.red('refused')
          : `${count(steps.length, 'migration')}${destructive === 0 ? '' : paint.yellow(`, ${destructive} destructive`)}`
    const names = kind === 'nothing' ? '' : `  ${paint.dim(listFew(targets))}`
    const lines = [
      ...(kind === 'steps' ? steps.map(({ action, id }) => `     ${action.replace('_', ' ')} ${id}`) : []),
      ...findings
        .filter(({ severity }) => severity === 'error')
        .map(({ code, message }) => `     ${code}: ${message}`),
    ]
    return [` ${count(targets.length, 'target')}: ${what}${names}`, ...lines].join('\n')
  })
  const heading = `${paint.bold('fleet')}  ${count(total, 'target')}`
  return [
    heading,
    ...blocks,
    ...(failures.length === 0 ? [] : [failures.map(presentFailure).join('\n')]),
  ].join('\n\n')
}

/** Writes the line of one target that was tried. */
export function presentOutcome(
  { name, outcome, done, durationMs, error }: FleetOutcomeJson,
  paint: View['paint'],
): string {
  if (outcome === 'failed') return ` ${paint.red('✗')} ${name}  ${error?.code ?? ''}  ${error?.message ?? ''}`
  if (outcome === 'done') {
    return ` ${paint.green('✓')} ${name}  ${count(done.length, 'migration')}  ${formatElapsed(durationMs ?? 0)}`
  }
  return ` ${paint.dim('·')} ${name}  ${outcome === 'current' ? 'current' : outcome.replace('_', ' ')}`
}

/** Writes what a rollout came to: the counts, each failure with its help, and how to go on. */
export function presentRolloutEnd(rollout: FleetRolloutJson, { paint }: View): string {
  const { counts, targets, ended, rolloutId, durationMs, direction } = rollout
  const parts = [
    [counts.done, direction === 'up' ? 'migrated' : 'rolled back'],
    [counts.current, direction === 'up' ? 'current' : 'with nothing to roll back'],
    [counts.failed, 'failed'],
    [counts.interrupted, 'interrupted'],
    [counts.notBegun, 'not begun'],
  ] as const
  const told = parts.filter(([number]) => number > 0).map(([number, word]) => `${number} ${word}`)
  const failed = targets.flatMap(({ name, error }) => (error === null ? [] : [{ name, ...error }]))
  const isOver = ended === 'complete' && failed.length === 0
  return [
    `${paint.bold('fleet')}  ${count(targets.length, 'target')}: ${told.join(', ') || 'none'}  ${formatElapsed(durationMs)}  rollout ${rolloutId}`,
    ...(failed.length === 0 ? [] : [failed.map(presentFailure).join('\n')]),
    ...(isOver ? [] : [`${paint.cyan('help')}: ${adviseNext(rollout)}`]),
  ].join('\n\n')
}

function adviseNext({ counts, direction, ended, rolloutId }: FleetRolloutJson): string {
  if (ended === 'detached')
    return `the rollout goes on without you: watch it with tidemark fleet up --attach ${rolloutId}, end it with tidemark fleet cancel ${rolloutId}`
  if (counts.failed === 0) return 'run it again to go on: targets that are done are passed over'
  return `fix what failed and run it again: targets that are done are passed over; only those that failed: tidemark fleet ${direction} --retry-failed`
}

/** Writes rollouts, the newest first. */
export function presentFleetHistory(
  { rollouts, failures, queue }: FleetHistoryJson,
  { paint, width }: View,
): string {
  const rows = rollouts.map((one): readonly Cell[] => [
    { text: one.failed.length === 0 ? '✓' : '✗', paint: one.failed.length === 0 ? paint.green : paint.red },
    { text: one.rolloutId },
    { text: formatMoment(new Date(one.endedAt)), paint: paint.dim },
    { text: one.direction },
    { text: count(one.targets.length, 'target') },
    { text: `${count(one.migrations.length, 'migration')}: ${listFew(one.migrations)}` },
    { text: one.failed.length === 0 ? '' : `failed: ${listFew(one.failed.map(({ name }) => name))}` },
    { text: [one.executedBy, one.reason].filter(Boolean).join('  '), paint: paint.dim },
  ])
  return [
    `${paint.bold('fleet')}  ${count(rollouts.length, 'rollout')}`,
    ...(rows.length === 0 ? [] : [presentTable(rows, { width, indent: 1, flexible: 5, optional: [7] })]),
    ...presentQueue(queue, { paint }),
    ...(failures.length === 0 ? [] : [failures.map(presentFailure).join('\n')]),
  ].join('\n\n')
}

/** Writes a target that could not be read or migrated, with its help. */
export function presentFailure({ name, code, message, help }: FleetFailureJson): string {
  return ` ✗ ${name}  ${code}  ${message}${help === null ? '' : `\n     help: ${help}`}`
}
