import type { MigrationId, MigrationState, StatusReport, TidemarkError } from '@tidemark/core'

/** How one target is, or why that cannot be said. */
export type TargetStatus =
  | ({ readonly name: string } & TargetState)
  | { readonly kind: 'failed'; readonly name: string; readonly error: TidemarkError }

/**
 * `current`; `pending`: something is to be applied; `ahead`: it has applied migrations that the files do not
 * have; `changed`: applied files have changed in a way that refuses a run.
 */
export interface TargetState {
  readonly kind: 'current' | 'pending' | 'ahead' | 'changed'
  /** The last applied migration, in the order of the files; null where nothing is. */
  readonly version: MigrationId | null
  readonly pending: readonly MigrationId[]
  /** Applied, without a file. */
  readonly ahead: readonly MigrationId[]
  /** Migrations whose last attempt failed, each with its error. */
  readonly failed: readonly { readonly id: MigrationId; readonly error: string | null }[]
  /** What refuses a run, in words. */
  readonly problems: readonly string[]
}

/** Sums up what a runner says of one target. */
export function toTargetState({ states, pending, findings }: StatusReport): TargetState {
  const all = [...states]
  const isApplied = ([, { kind }]: readonly [MigrationId, MigrationState]) =>
    kind === 'applied' || kind === 'changed' || kind === 'older'
  const ahead = all.flatMap(([id, { kind }]) => (kind === 'orphaned' ? [id] : []))
  const failed = all.flatMap(([id, state]) =>
    state.kind === 'failed' ? [{ id, error: state.row.errorMessage }] : [],
  )
  const errors = findings.filter(({ severity }) => severity === 'error')
  const isDrifted = errors.some(({ code }) => code !== 'TM4002')
  const kind = isDrifted ? 'changed' : ahead.length > 0 ? 'ahead' : pending.length > 0 ? 'pending' : 'current'
  const version = all.findLast(isApplied)?.[0] ?? null
  return { kind, version, pending, ahead, failed, problems: errors.map(({ message }) => message) }
}

/** Targets that are alike: how many have applied what. */
export interface VersionGroup {
  readonly version: MigrationId | null
  /** How many migrations are pending. */
  readonly pending: number
  readonly kind: TargetState['kind']
  readonly targets: readonly string[]
}

/** Groups targets by what they have applied and what is pending, the furthest first. */
export function groupByVersion(statuses: readonly TargetStatus[]): readonly VersionGroup[] {
  const groups = new Map<string, VersionGroup & { targets: string[] }>()
  for (const status of statuses) {
    if (status.kind === 'failed') continue
    const { kind, version, pending, ahead } = status
    const key = JSON.stringify([kind, version, pending, ahead])
    const known = groups.get(key)
    if (known === undefined)
      groups.set(key, { kind, version, pending: pending.length, targets: [status.name] })
    else known.targets.push(status.name)
  }
  return [...groups.values()].sort((a, b) => a.pending - b.pending || b.targets.length - a.targets.length)
}
