/** The rules, by what they are about. The words stay the same from version to version. */
export const LINT_RULE_IDS = [
  'index-not-concurrent',
  'drop-index-not-concurrent',
  'constraint-builds-index',
  'refresh-not-concurrent',
  'concurrent-not-resumable',
  'scan-under-lock',
  'fk-without-not-valid',
  'not-null-by-scan',
  'not-valid-left',
  'rewrite',
  'volatile-default',
  'type-change-rewrite',
  'type-change-scan',
  'required-column',
  'rename-column',
  'rename-table',
  'drop-column',
  'drop-table',
  'dropped-column-in-use',
  'cascade-drops',
  'truncate-cascade',
  'locks-many-tables',
  'locks-unnamed-table',
  'work-under-lock',
  'data-and-schema',
  'unbatched-dml',
  'enum-value-used',
  'fk-without-index',
  'duplicate-index',
  'no-primary-key',
  'int4-key',
  'timestamp-without-zone',
  'no-row-security',
  'policy-without-index',
  'view-bypasses-row-security',
  'definer-search-path',
  'function-unresolved',
  'grant-to-public',
  'unused-allowance',
  'invalid-allowance',
] as const

/** One of {@link LINT_RULE_IDS}. */
export type LintRuleId = (typeof LINT_RULE_IDS)[number]

/** Tells whether a word is the id of a rule. */
export function isLintRuleId(word: string): word is LintRuleId {
  return LINT_RULE_IDS.some((id) => id === word)
}
