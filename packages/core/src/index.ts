export type { DiagnosticCode } from './diagnostic/codes.ts'
export { CODES } from './diagnostic/codes.ts'
export type { Diagnostic, RelatedPlace, Severity } from './diagnostic/diagnostic.ts'
export type { ErrorLocation, TidemarkErrorOptions } from './diagnostic/tidemark-error.ts'
export { TidemarkError } from './diagnostic/tidemark-error.ts'
export type {
  Migration,
  MigrationHeader,
  MigrationId,
  MigrationSection,
  MigrationStatus,
  MigrationType,
} from './migration/migration.ts'
export {
  isMergePoint,
  isReversible,
  MigrationHeaderSchema,
  MigrationIdSchema,
  MigrationStatusSchema,
  MigrationTypeSchema,
  sectionText,
} from './migration/migration.ts'
export type { History, MigrationAttempt, MigrationRow, StoredMigration } from './plan/history.ts'
export type { MigrationPlan, PlanStep, PlanTarget, StepReason } from './plan/plan.ts'
export type { MigrationReader, ReadMigrations } from './ports/migration-reader.ts'
export type {
  AcquireLockOptions,
  ExecuteOptions,
  MigrationDatabase,
  MigrationSession,
  ReadingSession,
  RunIdentity,
} from './ports/migration-session.ts'
export type { AttemptFilter, TrackingStore } from './ports/tracking-store.ts'
export type { Result } from './result.ts'
export { err, ok } from './result.ts'
export type { LockHolder, RunEvent, ServerNotice } from './runner/run-events.ts'
export type { PsqlLine, ScanProblem, SqlMarker, SqlScan, SqlStatement } from './sql/statement.ts'
export type { SourceFile } from './text/source-file.ts'
export type { Span } from './text/span.ts'
