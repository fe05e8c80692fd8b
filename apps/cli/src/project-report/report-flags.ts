import * as Flags from '@oclif/core/flags'
import type { ReportRequest } from './make-project-report.ts'

/** What a report is to have. */
export const REPORT_FLAGS = {
  offline: Flags.boolean({ summary: 'Read no database, even if one is configured.' }),
  'no-shadow': Flags.boolean({
    summary: 'Execute nothing: without schema, locks and rewrites.',
    exclusive: ['check'],
  }),
  check: Flags.boolean({ summary: 'Also show what `check --all` finds.' }),
  drift: Flags.boolean({ summary: 'Also compare the database with its migrations.', exclusive: ['offline'] }),
  rehearse: Flags.boolean({
    summary: 'Also show what the pending migrations do on a copy of the schema of the database.',
    exclusive: ['offline', 'no-shadow'],
  }),
  fleet: Flags.boolean({
    summary: 'Also show how every database and schema of the configured fleet is.',
    exclusive: ['offline'],
  }),
  'include-details': Flags.boolean({ summary: 'Also show who ran what, and as which user.' }),
}

interface ReportFlagValues {
  readonly offline: boolean
  readonly 'no-shadow': boolean
  readonly check: boolean
  readonly drift: boolean
  readonly rehearse: boolean
  readonly fleet: boolean
  readonly 'include-details': boolean
}

/** Gives flags as a request. */
export function requestOf(flags: ReportFlagValues): ReportRequest {
  return {
    schema: flags['no-shadow'] ? 'left_out' : 'executed',
    database: flags.offline ? 'left_out' : 'read',
    drift: flags.drift ? 'compared' : 'left_out',
    checks: flags.check ? 'checked' : 'left_out',
    rehearsal: flags.rehearse ? 'rehearsed' : 'left_out',
    fleet: flags.fleet ? 'read' : 'left_out',
    locks: 'left_out',
    details: flags['include-details'] ? 'included' : 'left_out',
  }
}
