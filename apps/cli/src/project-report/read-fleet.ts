import type { ReportFleetTarget } from '@tidemark/report'
import type { Settings } from '../config/settings.ts'
import type { FleetSurroundings } from '../fleet/open-fleet.ts'

/**
 * Reads how every target of the configured fleet is. One that cannot be read is in the list, with its error.
 *
 * @throws {TidemarkError} TM7001 where the configuration names no fleet, and what reading its targets throws.
 */
export async function readFleet(
  settings: Settings,
  surroundings: FleetSurroundings,
  signal: AbortSignal,
): Promise<readonly ReportFleetTarget[]> {
  const { openFleet } = await import('../fleet/open-fleet.ts')
  const statuses = await openFleet(settings, surroundings).status({ signal })
  return statuses.map((status) => {
    const { name, kind } = status
    if (kind === 'failed') {
      const { code, message } = status.error
      return { name, state: 'unreachable', version: null, pending: 0, problems: [`${message} (${code})`] }
    }
    const { version, pending, problems, failed } = status
    const failures = failed.map(({ id, error }) => `${id}: ${error ?? 'it failed'}`)
    return { name, state: kind, version, pending: pending.length, problems: [...problems, ...failures] }
  })
}
