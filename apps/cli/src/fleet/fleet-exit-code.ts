import type { FleetPlanJson, FleetRolloutJson, FleetStatusJson } from '../schema/fleet-schemas.ts'
import { EXIT, type ExitCode } from '../terminal/exit-codes.ts'

/** 1 where a target cannot be read or its last run failed, else 4 where one has changed, else 3 where something is pending. */
export function judgeFleetStatus({ counts, targets }: FleetStatusJson): ExitCode {
  if (counts.unreachable > 0 || targets.some(({ failed }) => failed.length > 0)) return EXIT.failed
  if (counts.changed > 0) return EXIT.changed
  return counts.pending > 0 ? EXIT.pending : EXIT.ok
}

/** 1 where a target cannot be read, else 4 where a plan is refused. */
export function judgeFleetPlan({ groups, failures }: FleetPlanJson): ExitCode {
  if (failures.length > 0) return EXIT.failed
  return groups.some(({ kind }) => kind === 'refused') ? EXIT.changed : EXIT.ok
}

/** 1 where a target failed, else 3 where one was not begun. */
export function judgeRollout({ counts }: FleetRolloutJson): ExitCode {
  if (counts.failed > 0) return EXIT.failed
  return counts.notBegun + counts.interrupted > 0 ? EXIT.pending : EXIT.ok
}
