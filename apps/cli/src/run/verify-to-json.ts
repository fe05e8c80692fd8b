import type { VerifyOutcome, VerifyReport } from '@tidemark/core'
import type { VerifyJson } from '../schema/operation-schemas.ts'
import { targetToJson } from '../text/target.ts'

/** The document of `verify --json`; what `verify` prints is made from it too. */
export function verifyToJson({ target, outcomes }: VerifyReport): VerifyJson {
  const count = (kind: VerifyOutcome['kind']): number => outcomes.filter((one) => one.kind === kind).length
  return {
    target: targetToJson(target),
    migrations: outcomes.map(({ id, kind, statements, durationMs, error }) => ({
      id,
      outcome: kind,
      queries: statements,
      durationMs: Math.round(durationMs),
      error: error?.message ?? null,
      query: error?.code === 'TM5005' ? (error.details.query ?? null) : null,
      row: error?.code === 'TM5005' ? (error.details.detail ?? null) : null,
    })),
    counts: { held: count('held'), failed: count('failed'), none: count('none') },
  }
}
