import { documentationPage } from '@tidemark/core'
import { isLintRuleId, LINT_RULES, type LintRule, type LintRuleId } from '@tidemark/lint'
import type { CheckRule } from '@tidemark/shadow'

const RULES: Readonly<Record<Exclude<CheckRule, LintRuleId> | 'not-checked', string>> = {
  'does-not-run': 'The migration does not run.',
  'order-differs': 'The schema depends on which of two migrations runs first.',
  'order-fails': 'A migration works only after another, which it does not depend on.',
  'cannot-both-run': 'Two migrations cannot both be applied.',
  'order-changes-rows': 'Rows depend on which of two migrations runs first.',
  'order-of-columns': 'The order of columns depends on which of two migrations runs first.',
  'order-of-names': 'Generated names depend on which of two migrations runs first.',
  'order-of-many': 'An order that the dependencies permit fails or ends with another schema.',
  'missing-dependency': 'The migration needs another, which it does not depend on.',
  'needless-dependency': 'A dependency has no effect.',
  'down-fails': 'The @down fails.',
  'down-fails-with-rows': 'The @down fails on rows that were there before the migration.',
  'down-loses-data': 'The @down does not bring back rows, or values in them, from before.',
  'up-fails-with-rows': 'The migration fails on a table that has any row.',
  'down-differs': 'The @down does not bring back the schema from before.',
  'down-order-of-columns': 'The @down leaves the columns in another order.',
  'down-then-up-fails': 'The migration cannot be applied again after its @down.',
  'down-then-up-differs': 'Applied again after its @down, the migration makes another schema.',
  irreversible: 'The migration has no @down.',
  'not-checked': 'The migration could not be executed on the shadow.',
}

/** What is said of a rule besides its findings. */
export interface DescribedRule {
  /** In one sentence. */
  readonly summary: string | undefined
  /** Its page in the documentation; null for what needs none. */
  readonly page: string | null
  /** The weight that it has unless the configuration has another. */
  readonly severity: LintRule['severity'] | undefined
}

/** Describes a rule; a code, such as that of a failure, has nothing but itself. */
export function describeRule(id: string): DescribedRule {
  const known: Readonly<Record<string, string>> = RULES
  if (!isLintRuleId(id)) return { summary: known[id], page: null, severity: undefined }
  const rule = LINT_RULES.get(id)
  return { summary: rule?.summary, page: documentationPage(`rules/${id}`), severity: rule?.severity }
}
