export type {
  BaselineDraft,
  BaselineProof,
  DraftBaselineOptions,
  LiveDatabase,
} from './baseline/draft-baseline.ts'
export { draftBaseline } from './baseline/draft-baseline.ts'
export type { CheckCacheOptions, CheckOptions, CheckProgress } from './check/check-migrations.ts'
export { checkMigrations } from './check/check-migrations.ts'
export type { ClosureReport, MissingDependency, NeedlessDependency } from './check/closure/closure-report.ts'
export type { OrderReport, UnexplainedOrder } from './check/order/order-report.ts'
export type { PairResult, PairVerdict } from './check/order/pair-verdict.ts'
export type {
  CheckFinding,
  CheckGap,
  CheckPart,
  CheckReport,
  CheckRule,
  CheckSeverity,
  DependencyEdit,
  TracedMigration,
} from './check/report/check-report.ts'
export { CHECK_PARTS, CHECK_SEVERITIES } from './check/report/check-report.ts'
export { downVerdictOf } from './check/report/down-verdict.ts'
export { checkReversibility } from './check/reversibility/check-reversibility.ts'
export type { Reversibility, ReversibilityVerdict, SecondUp } from './check/reversibility/reversibility.ts'
export type { RowLoss, RowReversibility } from './check/reversibility/rows/row-reversibility.ts'
export type { UnseededTable } from './check/reversibility/rows/seed-tables.ts'
export type { SchemaComparison } from './check/same-schema.ts'
export { findOtherSchemas } from './check/same-schema.ts'
export type { Direction } from './check/trial/read-statements.ts'
export type { TracedSection, TracedStatement } from './check/trial/trace-section.ts'
export { traceSection } from './check/trial/trace-section.ts'
export type { TrialFailure } from './check/trial/trial-failure.ts'
export type { WarmCheck, WarmCheckOptions } from './check/warm/warm-check.ts'
export { createWarmCheck } from './check/warm/warm-check.ts'
export { AcceptedDriftSchema } from './drift/accepted.ts'
export type { DriftOptions } from './drift/check-drift.ts'
export { checkDrift } from './drift/check-drift.ts'
export type { AcceptedDrift, DriftedObject, DriftReport } from './drift/drift.ts'
export { refuseOnServer, type ServerUse } from './engine/server/cluster-wide.ts'
export type { FollowSchemaOptions, SchemaEvolution, SchemaStep } from './evolution/follow-schema.ts'
export { followSchema } from './evolution/follow-schema.ts'
export { identifyShadow } from './identify-shadow.ts'
export { openShadow } from './open-shadow.ts'
export type { NotChecked, Shadow, ShadowEngineKind, ShadowStandIns } from './port/shadow.ts'
export { calibrate } from './rehearse/calibrate.ts'
export type { ApplicationQuery } from './rehearse/queries/query.ts'
export type { ReadQueries } from './rehearse/queries/read-queries.ts'
export { readQueries } from './rehearse/queries/read-queries.ts'
export type { RehearsalProgress, RehearseOptions } from './rehearse/rehearse-plan.ts'
export { rehearsePlan } from './rehearse/rehearse-plan.ts'
export { describeWork, nameOf } from './rehearse/report/describe-work.ts'
export type { Speed } from './rehearse/report/estimate-duration.ts'
export type {
  BrokenQuery,
  DurationRange,
  Holder,
  RehearsalFinding,
  RehearsalGap,
  RehearsalReport,
  RehearsalRule,
  RehearsedLock,
  RehearsedMigration,
  RehearsedQueries,
  RehearsedStatement,
  RehearsedWork,
  SizedRelation,
  SpeedBasis,
} from './rehearse/report/rehearsal.ts'
export { describeSession } from './rehearse/target/describe-session.ts'
export { readHeldLocks } from './rehearse/target/read-target.ts'
export type { HeldLock, TargetSession } from './rehearse/target/target.ts'
export type { ServedShadow, ServeOptions } from './serve/serve-shadow.ts'
export { serveShadow } from './serve/serve-shadow.ts'
export type {
  ShadowCacheOptions,
  ShadowOptions,
  ShadowServerOptions,
  ShadowTarget,
} from './shadow-options.ts'
export { dumpProfile, takeSnapshot } from './snapshot/take-snapshot.ts'
