import type { CheckFinding } from './check-report.ts'

type Given = Pick<CheckFinding, 'part' | 'rule' | 'severity' | 'migrationId' | 'message'> &
  Partial<CheckFinding>

/** Makes a finding; what is not given is empty. */
export function finding(given: Given): CheckFinding {
  return {
    others: [],
    statement: null,
    span: null,
    details: [],
    edits: [],
    safeSql: null,
    rewrite: null,
    error: null,
    ...given,
  }
}
