export type {
  ReportAttempt,
  ReportChange,
  ReportDocument,
  ReportFleetTarget,
  ReportMigration,
  ReportRehearsal,
  ReportSection,
  ReportState,
} from './document/report-document.ts'
export { REPORT_STATES, ReportDocumentSchema } from './document/report-document.ts'
export type { ReportDatabase, ReportInput } from './make-report.ts'
export { makeReport } from './make-report.ts'
