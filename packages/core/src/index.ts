export type {
  AddedObject,
  CatalogDifference,
  ChangedObject,
  FacetChange,
  RemovedObject,
} from './catalog/compare/catalog-difference.ts'
export type { CompareOptions } from './catalog/compare/compare-catalogs.ts'
export { compareCatalogs, differenceKey } from './catalog/compare/compare-catalogs.ts'
export { compatibleCatalog } from './catalog/compare/compatible-catalog.ts'
export { describeCatalogDifference } from './catalog/compare/describe-catalog-difference.ts'
export type { Catalog, CatalogObject, CatalogRow } from './catalog/model/catalog.ts'
export { objectKey } from './catalog/model/catalog.ts'
export type { CatalogMark, MarkComparison } from './catalog/model/catalog-mark.ts'
export { compareMarks } from './catalog/model/catalog-mark.ts'
export { fingerprintCatalog } from './catalog/model/fingerprint.ts'
export { isPart, listWholes, schemaOf, wholeOf } from './catalog/model/place.ts'
export type { ToCatalogOptions } from './catalog/model/to-catalog.ts'
export { makeCatalog, toCatalog, withoutHashes } from './catalog/model/to-catalog.ts'
export {
  CATALOG_SETTINGS,
  catalogQuery,
  NEWEST_CATALOG_MAJOR,
  OLDEST_CATALOG_MAJOR,
} from './catalog/query/catalog-query.ts'
export type { CatalogSession } from './catalog/read/catalog-session.ts'
export type { ReadCatalogOptions } from './catalog/read/read-catalog.ts'
export { readCatalog } from './catalog/read/read-catalog.ts'
export { markCatalog, readCatalogMark } from './catalog/read-catalog-mark.ts'
export type { CatalogScope } from './catalog/scope/catalog-scope.ts'
export { findManagedServices, withoutManagedSchemas } from './catalog/scope/find-managed-services.ts'
export type { ManagedService } from './catalog/scope/managed-schemas.ts'
export { MANAGED_SCHEMAS } from './catalog/scope/managed-schemas.ts'
export { scopeCatalog } from './catalog/scope/scope-catalog.ts'
export { canonicalText } from './checksum/canonical-text.ts'
export { sha256Hex } from './checksum/checksum.ts'
export { normalizeText } from './checksum/normalize-text.ts'
export type { DiagnosticCode } from './diagnostic/codes.ts'
export { CODES } from './diagnostic/codes.ts'
export type { Diagnostic, RelatedPlace, Severity } from './diagnostic/diagnostic.ts'
export type { ErrorDetails, RunTally, StepFailureDetails } from './diagnostic/error-details.ts'
export { documentationPage, errorPage } from './diagnostic/error-page.ts'
export { exhaustedHelp, TOO_MANY_FILES_HELP } from './diagnostic/exhausted-help.ts'
export type { FormatDiagnosticOptions } from './diagnostic/format-diagnostic.ts'
export { formatDiagnostic } from './diagnostic/format-diagnostic.ts'
export type { IdleSession, LockHolder, OtherHolder } from './diagnostic/lock-holder.ts'
export { refuseUnknownKeys } from './diagnostic/refuse-unknown-keys.ts'
export type { Remedy, RunCommand } from './diagnostic/remedy.ts'
export { describeRemedy } from './diagnostic/remedy.ts'
export { sortDiagnostics } from './diagnostic/sort-diagnostics.ts'
export { suggest } from './diagnostic/suggest.ts'
export type {
  CodedError,
  ErrorLocation,
  TidemarkErrorChanges,
  TidemarkErrorOptions,
} from './diagnostic/tidemark-error.ts'
export { TidemarkError } from './diagnostic/tidemark-error.ts'
export type { AncestorSets } from './graph/ancestor-sets.ts'
export { collectAncestors } from './graph/ancestor-sets.ts'
export { buildGraph, type GraphOptions } from './graph/build-graph.ts'
export type {
  Branch,
  Branches,
  BranchPair,
  TouchedByBoth,
  TouchedBySeveral,
} from './graph/describe-branches.ts'
export { describeBranches, MAX_COMPARED_HEADS } from './graph/describe-branches.ts'
export { findCaseTwins } from './graph/find-case-twins.ts'
export { findForkPoint } from './graph/fork-point.ts'
export { listHeads, listRoots } from './graph/heads.ts'
export type { GraphNode, MigrationGraph } from './graph/migration-graph.ts'
export { findNode, nodeAt } from './graph/migration-graph.ts'
export { listAncestors, listDescendants, listWithAncestors } from './graph/reach.ts'
export type { IncomparablePair, Realizer } from './graph/realize.ts'
export { listIncomparable, realize } from './graph/realize.ts'
export type { RedundantEdge } from './graph/redundant-edges.ts'
export { listRedundantEdges } from './graph/redundant-edges.ts'
export { findPublicNames } from './migration/find-public-names.ts'
export { findTypeContradiction } from './migration/find-type-contradiction.ts'
export { findUnknownEnvironments } from './migration/find-unknown-environments.ts'
export type { MergePointParts } from './migration/format-merge-point.ts'
export { formatMergePoint } from './migration/format-merge-point.ts'
export { DEFAULT_HEADER } from './migration/header/default-header.ts'
export { formatDuration, parseDuration } from './migration/header/duration.ts'
export type { DependsOnEdit } from './migration/header/edit-depends-on.ts'
export { editDependsOn } from './migration/header/edit-depends-on.ts'
export type { FormatHeaderOptions } from './migration/header/format-header.ts'
export { formatHeader } from './migration/header/format-header.ts'
export { formatBatches, readBatchKey } from './migration/header/header-batches.ts'
export { withoutTransaction } from './migration/header/without-transaction.ts'
export type { DownVerdict } from './migration/model/down-verdict.ts'
export { DOWN_VERDICTS, needsAcceptance, readDownVerdict } from './migration/model/down-verdict.ts'
export { isElsewhere, nameEnvironments } from './migration/model/environments.ts'
export { isMigrationHeader } from './migration/model/is-migration-header.ts'
export type { LargeContent, LargePart, LargeStatement, LocatedPart } from './migration/model/large-content.ts'
export type {
  Migration,
  MigrationBatches,
  MigrationHeader,
  MigrationId,
  MigrationSection,
  MigrationStatus,
  MigrationType,
} from './migration/model/migration.ts'
export { countStatements, isMergePoint, isReversible, sectionText } from './migration/model/migration.ts'
export { idFromPath, idInWords, isMigrationId, isSqlFile, proposeId } from './migration/model/migration-id.ts'
export {
  DownVerdictSchema,
  MigrationHeaderSchema,
  MigrationIdSchema,
  MigrationStatusSchema,
  MigrationTypeSchema,
} from './migration/model/migration-schemas.ts'
export { MIGRATION_STATUSES, MIGRATION_TYPES } from './migration/model/migration-words.ts'
export type { ParsedMigration, ParseMigrationOptions } from './migration/parse-migration.ts'
export { parseMigration } from './migration/parse-migration.ts'
export { isMarkerWord, isSectionName } from './migration/sections/section-names.ts'
export { storedSectionText } from './migration/sections/stored-section-text.ts'
export { bindMigration } from './migration/variables/bind-migration.ts'
export { findValue, type UnsetValue, type VariableValues } from './migration/variables/bind-text.ts'
export { withDownVerdict } from './migration/with-down-verdict.ts'
export type { PlanApplyInput } from './plan/apply/plan-apply.ts'
export { planApply } from './plan/apply/plan-apply.ts'
export { describeChange } from './plan/changes/describe-change.ts'
export { describeDifference } from './plan/changes/describe-difference.ts'
export type { ChangeKind, FileChange } from './plan/changes/find-changes.ts'
export { CHANGE_KINDS, changeSeverity, findChanges } from './plan/changes/find-changes.ts'
export { findRenamed } from './plan/changes/find-renamed.ts'
export type { FormatLineDiffOptions } from './plan/changes/format-line-diff.ts'
export { formatLineDiff } from './plan/changes/format-line-diff.ts'
export type { DiffLine } from './plan/changes/line-diff.ts'
export { lineDiff } from './plan/changes/line-diff.ts'
export type { Application } from './plan/history/application.ts'
export { withApplications } from './plan/history/application.ts'
export { databaseVersion } from './plan/history/database-version.ts'
export type {
  BatchProgress,
  History,
  IdleRun,
  MigrationAttempt,
  MigrationRow,
  MigrationVersion,
  StoredMigration,
} from './plan/history/history.ts'
export type { HistoryIndex } from './plan/history/history-index.ts'
export { findAppliedRow, indexHistory } from './plan/history/history-index.ts'
export type { IdsToLoadInput } from './plan/history/ids-to-load.ts'
export { listIdsToLoad } from './plan/history/ids-to-load.ts'
export type { RowState } from './plan/history/row-state.ts'
export { compareFile, readRowState } from './plan/history/row-state.ts'
export type { Run } from './plan/history/runs.ts'
export { findRuns, listRuns } from './plan/history/runs.ts'
export type { ApplyOptions } from './plan/pending/apply-options.ts'
export type { ClassifyInput, MigrationState } from './plan/pending/classify.ts'
export { classify } from './plan/pending/classify.ts'
export type { ListPendingInput } from './plan/pending/list-pending.ts'
export { listPending } from './plan/pending/list-pending.ts'
export { requestedOf } from './plan/pending/requested-of.ts'
export type { PlanComparison } from './plan/plan/compare-plans.ts'
export { comparePlans } from './plan/plan/compare-plans.ts'
export { describeAction, digestPlan } from './plan/plan/digest-plan.ts'
export { parseSavedPlan } from './plan/plan/parse-saved-plan.ts'
export type {
  CrossBaseline,
  MigrationPlan,
  PlanBasisRow,
  PlanRequest,
  PlanStep,
  PlanTarget,
  RollbackRequest,
  StepReason,
} from './plan/plan/plan.ts'
export { isRefused } from './plan/plan/plan.ts'
export type { SavedPlan, SavedRehearsal } from './plan/plan/saved-plan.ts'
export { savePlan } from './plan/plan/saved-plan.ts'
export { SavedPlanSchema } from './plan/plan/saved-plan-schema.ts'
export type { PlanBaselineInput } from './plan/record/plan-baseline.ts'
export { planBaseline } from './plan/record/plan-baseline.ts'
export type { MarkAs, PlanMarkInput } from './plan/record/plan-mark.ts'
export { planMark } from './plan/record/plan-mark.ts'
export type { PlanRepairInput } from './plan/record/plan-repair.ts'
export { planRepair } from './plan/record/plan-repair.ts'
export type { KnownRuns } from './plan/rollback/choose-run.ts'
export type { PlanRollbackInput, RollbackTargetsInput } from './plan/rollback/plan-rollback.ts'
export { listRollbackTargets, planRollback } from './plan/rollback/plan-rollback.ts'
export type { PlanRoundTripInput, RoundTripRequest } from './plan/round-trip/plan-round-trip.ts'
export { listRoundTripNeeds, planRoundTrip } from './plan/round-trip/plan-round-trip.ts'
export { describeDestruction } from './plan/summary/describe-destruction.ts'
export type {
  PlanRemark,
  PlanSummary,
  StepSummary,
  SummarizePlanOptions,
} from './plan/summary/summarize-plan.ts'
export { summarizePlan } from './plan/summary/summarize-plan.ts'
export type { MigrationReader, ReadMigrations } from './ports/migration-reader.ts'
export type {
  AcquireLockOptions,
  AttemptMeasures,
  BatchExtent,
  BatchOptions,
  ExecuteOptions,
  FinishOptions,
  MigrationDatabase,
  MigrationSession,
  ReadingSession,
  RunIdentity,
  SavedData,
  StepArchive,
  StepBackup,
  VerifyOutcome,
} from './ports/migration-session.ts'
export type { RunEvent, ServerNotice } from './ports/run-events.ts'
export type {
  HookCall,
  HookCommand,
  HookContext,
  HookError,
  HookFunction,
  HookName,
  HookPlan,
  HookStep,
  Hooks,
  RunHooks,
} from './ports/run-hooks.ts'
export { HOOK_NAMES, HOOK_NEEDS, isHook } from './ports/run-hooks.ts'
export type { AttemptFilter, TrackingStore } from './ports/tracking-store.ts'
export type { Result } from './result.ts'
export { err, ok } from './result.ts'
export { guardListener } from './runner/guard-listener.ts'
export { planFromStore } from './runner/make-plan.ts'
export { MigrationRunner } from './runner/migration-runner.ts'
export { readOnce } from './runner/read-once.ts'
export { refusedError, refuseUnlessSame } from './runner/refuse.ts'
export type {
  BaselineOptions,
  ExecutionOptions,
  HistoryReport,
  MarkOptions,
  PlanOptions,
  RedoOptions,
  RepairOptions,
  RollbackOptions,
  RoundTripOptions,
  RunAction,
  RunnerOptions,
  RunObserver,
  RunOptions,
  RunResult,
  StatusReport,
  VerifyOptions,
  VerifyReport,
} from './runner/runner-options.ts'
export type { WithTimeoutOptions } from './runner/with-timeout.ts'
export { withTimeout } from './runner/with-timeout.ts'
export { softenUnstorable, withUnstorable } from './runner/with-unstorable.ts'
export { usesBounds, withWholeRange } from './sql/batch-bounds.ts'
export type {
  AlsoLocked,
  ConcurrentDetach,
  ConcurrentReindex,
  CopyFact,
  CreatedTable,
  Destruction,
  IndexBuild,
  SessionTouch,
  StatementFacts,
  StrongLock,
  StrongLockMode,
  TransactionControl,
} from './sql/facts/facts.ts'
export type { RelationName } from './sql/facts/relation-name.ts'
export { formatRelationName, unquoteName } from './sql/facts/relation-name.ts'
export { hasCode } from './sql/has-code.ts'
export type { TokenKind } from './sql/lexer.ts'
export type { MaskedText } from './sql/mask-secrets.ts'
export { maskSecrets, maskText } from './sql/mask-secrets.ts'
export { quoteIdentifier } from './sql/quote-identifier.ts'
export { sameTokens } from './sql/same-tokens.ts'
export type { ScanOptions } from './sql/scan.ts'
export { scanSql } from './sql/scan.ts'
export type { GivenSearchPath } from './sql/search-path.ts'
export {
  formatSearchPath,
  isSpecialSchema,
  parseSearchPath,
  readSearchPathSetting,
  trackingSchemaOf,
} from './sql/search-path.ts'
export type {
  LooseMarker,
  PsqlLine,
  ScanProblem,
  SqlMarker,
  SqlScan,
  SqlStatement,
  UnterminatedKind,
} from './sql/statement.ts'
export { readStatementFacts } from './sql/statement-facts.ts'
export type { Token } from './sql/tokens.ts'
export { tokens } from './sql/tokens.ts'
export type { TouchedObject } from './sql/touched-objects.ts'
export { listTouchedObjects } from './sql/touched-objects.ts'
export type { CodeFrameOptions } from './text/code-frame.ts'
export { codeFrame } from './text/code-frame.ts'
export { codePointToOffset } from './text/code-point-to-offset.ts'
export { compareIds } from './text/compare-ids.ts'
export { displayWidth } from './text/display-width.ts'
export type { Position } from './text/line-index.ts'
export { LineIndex, lineAndColumn } from './text/line-index.ts'
export { type SourceFile, type SourceOrigin, shownPlace } from './text/source-file.ts'
export type { Span } from './text/span.ts'
export { visibleText } from './text/visible-text.ts'
export type {
  LockMode,
  RelationKind,
  SampledRelation,
  SessionSample,
  TableCounters,
} from './trace/session-sample.ts'
export {
  isStronger,
  LOCK_MODES,
  locksConflict,
  parseLockMode,
  parseSessionSample,
  SESSION_SAMPLE_QUERY,
} from './trace/session-sample.ts'
export type {
  BuiltIndex,
  SamplesAround,
  StatementEffects,
  TakenLock,
  TouchedRelation,
  WrittenRows,
} from './trace/statement-effects.ts'
export { compareSamples } from './trace/statement-effects.ts'
