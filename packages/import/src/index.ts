export type { OriginalMessages } from './convert/original-messages.ts'
export { listOriginalMessages } from './convert/original-messages.ts'
export type { ConvertOptions, ImportedMigration } from './convert-project.ts'
export { convertProject } from './convert-project.ts'
export type { DetectedProject } from './files/detect-project.ts'
export { detectProject, recognizeFolder } from './files/detect-project.ts'
export type { DetectedTool } from './files/detect-tool-in-code.ts'
export { detectToolInCode } from './files/detect-tool-in-code.ts'
export { findProjectsBelow } from './files/find-projects-below.ts'
export type { ReadFolderOptions, ReadForeignFolder } from './files/read-foreign-files.ts'
export { readForeignFolder, shownPath } from './files/read-foreign-files.ts'
export type {
  ForeignFile,
  ForeignMigration,
  ForeignProject,
  ForeignSection,
  ReadForeignFiles,
} from './foreign/foreign-project.ts'
export type { FormatName } from './formats.ts'
export { FORMAT_NAMES, FORMATS } from './formats.ts'
export type {
  FormatHistory,
  HistoryJudgement,
  HistoryRow,
  HistoryTable,
  JudgeHistory,
} from './history/history.ts'
export type { ForeignFolder, ImportFormat } from './import-format.ts'
export type { Import, ImportInput } from './import-migrations.ts'
export { importMigrations } from './import-migrations.ts'
export { judgeHistory, judgeRows } from './judge-history.ts'
export { adoptableHistory } from './recorded/adoptable-history.ts'
export type { DividedRecording, Recording } from './recorded/divide-recording.ts'
export { countSteps, divideRecording } from './recorded/divide-recording.ts'
export type { FindHistoryOptions, FoundHistory, RecordedHistory } from './recorded/find-history.ts'
export { findHistory } from './recorded/find-history.ts'
export type { TableColumns } from './recorded/history-write.ts'
export type { KnownHistory } from './recorded/known-histories.ts'
export type { SectionPlace } from './recorded/recorded-section.ts'
export type { RecordedStatement } from './recorded/recorded-statement.ts'
