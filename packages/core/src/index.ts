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
export { hasCode } from './sql/has-code.ts'
export type { TokenKind } from './sql/lexer.ts'
export { sameTokens } from './sql/same-tokens.ts'
export type { ScanOptions } from './sql/scan.ts'
export { scanSql } from './sql/scan.ts'
export type {
  LooseMarker,
  PsqlLine,
  ScanProblem,
  SqlMarker,
  SqlScan,
  SqlStatement,
  UnterminatedKind,
} from './sql/statement.ts'
export type { Token } from './sql/tokens.ts'
export { tokens } from './sql/tokens.ts'
export type { CodeFrameOptions } from './text/code-frame.ts'
export { codeFrame } from './text/code-frame.ts'
export { codePointToOffset } from './text/code-point-to-offset.ts'
export type { Position } from './text/line-index.ts'
export { LineIndex, lineAndColumn } from './text/line-index.ts'
export type { SourceFile } from './text/source-file.ts'
export type { Span } from './text/span.ts'
