import type { ClosureReport } from '../closure/closure-report.ts'
import type { CheckFinding } from './check-report.ts'
import { finding } from './finding.ts'

/** Says which dependencies are missing, and which have no effect. */
export function findingsOfClosure({ missing, needless }: ClosureReport): readonly CheckFinding[] {
  return [
    ...missing.map(({ migrationId, needs, failure }) => {
      const named = needs.map((id) => `"${id}"`).join(' and ')
      const message =
        needs.length === 0
          ? `"${migrationId}" fails where only what it depends on is applied: ${failure.message}`
          : `"${migrationId}" needs ${named}, which it does not depend on: ${failure.message}`
      return finding({
        part: 'closure',
        rule: 'missing-dependency',
        severity: 'error',
        migrationId,
        others: needs,
        statement: failure.statement === null ? null : { section: failure.section, place: failure.statement },
        message,
        edits: needs.map((dependsOn) => ({ kind: 'add', migrationId, dependsOn })),
      })
    }),
    ...needless.map(({ migrationId, dependsOn }) =>
      finding({
        part: 'closure',
        rule: 'needless-dependency',
        severity: 'note',
        migrationId,
        others: [dependsOn],
        message: `"${migrationId}" depends on "${dependsOn}", and their order makes no difference`,
        edits: [{ kind: 'remove', migrationId, dependsOn }],
      }),
    ),
  ]
}
