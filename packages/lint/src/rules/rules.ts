import type { LintRule, SchemaRule, StepRule } from '../model/rule.ts'
import type { LintRuleId } from '../model/rule-ids.ts'
import { invalidAllowance, unusedAllowance } from './allowance-rules.ts'
import { cascadeDrops, truncateCascade } from './cascade-rules.ts'
import {
  fkWithoutNotValid,
  notNullByScan,
  notValidLeft,
  requiredColumn,
  scanUnderLock,
} from './constraint-rules.ts'
import { definerSearchPath, functionUnresolved } from './function-rules.ts'
import {
  concurrentNotResumable,
  constraintBuildsIndex,
  dropIndexNotConcurrent,
  indexNotConcurrent,
  refreshNotConcurrent,
} from './index-rules.ts'
import { dropColumn, droppedColumnInUse, dropTable, renameColumn, renameTable } from './removal-rules.ts'
import { rewrite, typeChangeRewrite, typeChangeScan, volatileDefault } from './rewrite-rules.ts'
import {
  grantToPublic,
  noRowSecurity,
  policyWithoutIndex,
  viewBypassesRowSecurity,
} from './security-rules.ts'
import { duplicateIndex, fkWithoutIndex, int4Key, noPrimaryKey, timestampWithoutZone } from './table-rules.ts'
import {
  dataAndSchema,
  enumValueUsed,
  locksManyTables,
  locksUnnamedTable,
  unbatchedDml,
  workUnderLock,
} from './transaction-rules.ts'

/** The rules on what a migration does. */
export const STEP_RULES: readonly StepRule[] = [
  indexNotConcurrent,
  dropIndexNotConcurrent,
  constraintBuildsIndex,
  refreshNotConcurrent,
  concurrentNotResumable,
  scanUnderLock,
  fkWithoutNotValid,
  notNullByScan,
  rewrite,
  volatileDefault,
  typeChangeRewrite,
  typeChangeScan,
  requiredColumn,
  renameColumn,
  renameTable,
  dropColumn,
  dropTable,
  droppedColumnInUse,
  cascadeDrops,
  truncateCascade,
  locksManyTables,
  locksUnnamedTable,
  workUnderLock,
  dataAndSchema,
  unbatchedDml,
  enumValueUsed,
]

/** The rules on the schema at the end of a plan. */
export const SCHEMA_RULES: readonly SchemaRule[] = [
  notValidLeft,
  fkWithoutIndex,
  duplicateIndex,
  noPrimaryKey,
  int4Key,
  timestampWithoutZone,
  noRowSecurity,
  policyWithoutIndex,
  viewBypassesRowSecurity,
  definerSearchPath,
  functionUnresolved,
  grantToPublic,
]

/** Every rule, by id, with its weight unless the configuration has another. */
export const LINT_RULES: ReadonlyMap<LintRuleId, LintRule> = new Map(
  [...STEP_RULES, ...SCHEMA_RULES, unusedAllowance, invalidAllowance].map(({ id, severity, summary }) => [
    id,
    { id, severity, summary },
  ]),
)
