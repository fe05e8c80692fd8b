import { diagnosticToJson } from '../failure/error-to-json.ts'
import type { WaitJson } from '../schema/gate-schemas.ts'
import { targetToJson } from '../text/target.ts'
import type { WaitResult } from './wait-until-current.ts'

/** The document of `wait --json`; what `wait` prints is made from it too. */
export function waitToJson({ last, waitedMs }: WaitResult): WaitJson {
  return {
    target: last.kind === 'unreachable' ? null : targetToJson(last.target),
    outcome: last.kind === 'current' || last.kind === 'drifted' ? last.kind : 'timed_out',
    waitedMs,
    pending: last.kind === 'behind' ? [...last.pending] : [],
    failed: last.kind === 'behind' ? [...last.failed] : [],
    unreachable: last.kind === 'unreachable' ? last.error.message : null,
    findings: last.kind === 'drifted' ? last.findings.map(diagnosticToJson) : [],
  }
}
