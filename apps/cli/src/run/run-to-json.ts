import type { RunEvent, RunResult } from '@tidemark/core'
import { diagnosticToJson } from '../failure/error-to-json.ts'
import type { RunJson } from '../schema/run-schemas.ts'
import { progressToJson } from '../text/progress.ts'
import { targetToJson } from '../text/target.ts'

/** The steps that a run finished, with their times: collected from its events. */
export type FinishedSteps = readonly Extract<RunEvent, { readonly kind: 'step_finished' }>[]

/** The document of `up --json`, `down --json` and `migrate --execute --json`. */
export function runToJson(result: RunResult, finished: FinishedSteps): RunJson {
  return {
    target: targetToJson(result.target),
    direction: result.plan.direction,
    outcome: result.outcome,
    runId: result.runId,
    done: finished.map(({ step, durationMs }) => ({
      id: step.id,
      action: step.kind,
      durationMs: Math.round(durationMs),
    })),
    ...(result.paused === undefined
      ? {}
      : {
          paused: {
            id: result.paused.step.id,
            progress: result.paused.progress && progressToJson(result.paused.progress),
          },
        }),
    leftOut: [...result.plan.leftOut],
    findings: [...result.plan.findings, ...(result.hookFailures ?? [])].map(diagnosticToJson),
    durationMs: Math.round(result.durationMs),
  }
}
