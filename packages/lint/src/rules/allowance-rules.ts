import type { LintRule } from '../model/rule.ts'

/** Allowances that allow nothing, so that they do not outlive their reason. */
export const unusedAllowance: LintRule = {
  id: 'unused-allowance',
  severity: 'warning',
  summary: 'An allowance allows nothing that was found.',
}

/** Comments that were meant to allow something. */
export const invalidAllowance: LintRule = {
  id: 'invalid-allowance',
  severity: 'warning',
  summary: 'An allowance has no reason, or names no rule that there is.',
}
