import { type Diagnostic, type LockHolder, listHeads, type MigrationState } from '@tidemark/core'
import { diagnosticToJson } from '../failure/error-to-json.ts'
import type { StatusJson } from '../schema/run-schemas.ts'
import { progressToJson } from '../text/progress.ts'
import { targetToJson } from '../text/target.ts'
import type { ProjectState } from './read-state.ts'

/** The document of `status --json`; what `status` prints is made from it too. */
export function statusToJson(
  { project, target, runner, states, plan }: ProjectState,
  more: readonly Diagnostic[] = [],
): StatusJson {
  const migrations = [...states].map(([id, state]) => toEntry(id, state))
  const count = (...kinds: readonly StatusJson['migrations'][number]['state'][]): number =>
    migrations.filter(({ state }) => kinds.includes(state)).length
  return {
    target: targetToJson(target),
    migrations,
    runner: runner && toRunner(runner),
    heads: listHeads(project.graph).map(({ id }) => id),
    counts: {
      applied: count('applied', 'older', 'changed'),
      pending: count('pending', 'failed', 'running', 'half_rolled_back'),
      changed: count('changed'),
      orphaned: count('orphaned'),
      elsewhere: count('elsewhere'),
    },
    findings: [...plan.findings, ...more].map(diagnosticToJson),
  }
}

function toRunner({ pid, applicationName, user, since, query }: LockHolder): StatusJson['runner'] {
  return { pid, applicationName, user, since: since?.toISOString() ?? null, statement: query }
}

function toEntry(id: string, state: MigrationState): StatusJson['migrations'][number] {
  const { kind, row } = state
  const file = kind === 'orphaned' ? null : state.migration
  const isApplied =
    (kind === 'elsewhere' && row?.status === 'completed') ||
    kind === 'applied' ||
    kind === 'changed' ||
    kind === 'older' ||
    kind === 'orphaned'
  return {
    id,
    state: kind,
    path: file?.source.path ?? null,
    appliedAt: isApplied ? (row?.appliedAt?.toISOString() ?? null) : null,
    executionTimeMs: isApplied ? (row?.executionTimeMs ?? null) : null,
    error: kind === 'failed' || kind === 'half_rolled_back' ? (row?.errorMessage ?? null) : null,
    blocking: (file ?? row)?.header?.blocking ?? true,
    ...(row?.progress === undefined ? {} : { progress: progressToJson(row.progress) }),
  }
}
