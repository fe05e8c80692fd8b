import { targetToJson } from '../present/target.ts'
import type { WaitResult } from '../services/wait-until-current.ts'
import { diagnosticToJson } from './error.ts'
import type { WaitJson } from './gate-schemas.ts'

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
