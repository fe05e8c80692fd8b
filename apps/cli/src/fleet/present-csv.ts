import type {
  FleetFailureJson,
  FleetHistoryJson,
  FleetPlanJson,
  FleetRolloutJson,
  FleetStatusJson,
} from '../schema/fleet-schemas.ts'
import { escapeControls } from '../text/escape-controls.ts'

type Row = readonly (string | number | null)[]

/**
 * Writes CSV (RFC 4180). No cell begins a formula of a spreadsheet: what does gets a `'` before it.
 *
 * @example presentCsv(['name', 'state'], [['acme', 'current']]) // 'name,state\r\nacme,current\r\n'
 */
export function presentCsv(header: readonly string[], rows: readonly Row[]): string {
  return [header, ...rows].map((row) => `${row.map(cellOf).join(',')}\r\n`).join('')
}

function cellOf(value: string | number | null): string {
  if (typeof value === 'number') return String(value)
  const text = escapeControls(value ?? '').replace(/^(?=[=+\-@\t\r])/, "'")
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** One line a target. */
export function statusToCsv({ targets, failures }: FleetStatusJson): string {
  return presentCsv(
    ['name', 'state', 'version', 'pending', 'error'],
    [
      ...targets.map((one): Row => {
        const errors = [...one.problems, ...one.failed.map(({ id, error }) => `${id}: ${error ?? 'failed'}`)]
        return [one.name, one.state, one.version, one.pending.length, errors.join('; ')]
      }),
      ...failures.map((one): Row => [one.name, 'unreachable', null, null, wordsOf(one)]),
    ],
  )
}

/** One line a target. */
export function planToCsv({ groups, failures }: FleetPlanJson): string {
  return presentCsv(
    ['name', 'plan', 'steps', 'error'],
    [
      ...groups.flatMap(({ kind, steps, findings, targets }) => {
        const errors = findings
          .filter(({ severity }) => severity === 'error')
          .map(({ code, message }) => `${code}: ${message}`)
        return targets.map(
          (name): Row => [name, kind, steps.map(({ id }) => id).join(' '), errors.join('; ')],
        )
      }),
      ...failures.map((one): Row => [one.name, 'failed', null, wordsOf(one)]),
    ],
  )
}

/** One line a target. */
export function rolloutToCsv({ targets }: FleetRolloutJson): string {
  return presentCsv(
    ['name', 'wave', 'outcome', 'done', 'duration_ms', 'error'],
    targets.map(({ name, wave, outcome, done, durationMs, error }) => [
      name,
      wave,
      outcome,
      done.join(' '),
      durationMs,
      error === null ? '' : wordsOf(error),
    ]),
  )
}

/** One line a rollout. */
export function historyToCsv({ rollouts }: FleetHistoryJson): string {
  return presentCsv(
    [
      'rollout',
      'direction',
      'started_at',
      'ended_at',
      'targets',
      'failed',
      'migrations',
      'executed_by',
      'reason',
    ],
    rollouts.map((one) => [
      one.rolloutId,
      one.direction,
      one.startedAt,
      one.endedAt,
      one.targets.length,
      one.failed.map(({ name }) => name).join(' '),
      one.migrations.join(' '),
      one.executedBy,
      one.reason,
    ]),
  )
}

function wordsOf({ code, message }: Pick<FleetFailureJson, 'code' | 'message'>): string {
  return `${code}: ${message}`
}
