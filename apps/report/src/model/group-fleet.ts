import type { ReportFleetTarget } from '@tidemark/report'

/** Targets that are alike. */
export interface FleetGroup extends Pick<ReportFleetTarget, 'state' | 'version' | 'pending'> {
  readonly targets: readonly ReportFleetTarget[]
}

/** Groups targets by version and state: what cannot be read first, then the newest version. */
export function groupFleet(
  fleet: readonly ReportFleetTarget[],
  order: readonly string[],
): readonly FleetGroup[] {
  const groups = new Map<string, FleetGroup & { targets: ReportFleetTarget[] }>()
  for (const target of fleet) {
    const { state, version, pending } = target
    const key = JSON.stringify([state, version, pending])
    const known = groups.get(key)
    if (known === undefined) groups.set(key, { state, version, pending, targets: [target] })
    else known.targets.push(target)
  }
  const places = new Map(order.map((id, place) => [id, place]))
  const placeOf = ({ state, version }: FleetGroup) => {
    if (state === 'unreachable') return order.length + 1
    return version === null ? -1 : (places.get(version) ?? order.length)
  }
  return [...groups.values()].sort((a, b) => placeOf(b) - placeOf(a) || a.pending - b.pending)
}
