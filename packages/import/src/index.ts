export type { DetectedProject } from './files/detect-project.ts'
export { detectProject, recognizeFolder } from './files/detect-project.ts'
export type { ReadFolderOptions, ReadForeignFolder } from './files/read-foreign-files.ts'
export { readForeignFolder, shownPath } from './files/read-foreign-files.ts'
export type {
  ForeignFile,
  ForeignMigration,
  ForeignProject,
  ForeignSection,
  ReadForeignFiles,
} from './foreign/foreign-project.ts'
export type { FormatName, ImportFormat } from './formats.ts'
export { FORMAT_NAMES, FORMATS } from './formats.ts'
export type { HistoryRow, HistoryTable } from './history/history-tables.ts'
export { HISTORY_TABLES } from './history/history-tables.ts'
export type { HistoryJudgement } from './history/judge-history.ts'
export { judgeHistory } from './history/judge-history.ts'
export type { Import, ImportedMigration, ImportInput } from './import-migrations.ts'
export { importMigrations } from './import-migrations.ts'
