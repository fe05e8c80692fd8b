import type { Settings } from '../../config/settings.ts'
import { FILES_ALONE, makeProjectReport } from '../../project-report/make-project-report.ts'
import { renderPage } from '../../project-report/write-page.ts'
import { redactDocument } from '../../redact/redact-document.ts'
import type { ReportSurroundings } from '../../report/report-surroundings.ts'
import type { CheckOutcome, CheckRequest } from '../check.ts'
import type { CheckDocument } from './check-document.ts'

interface PageRequest extends Pick<CheckRequest, 'version' | 'signal'> {
  readonly surroundings: Pick<ReportSurroundings, 'redactor'>
}

/** The page of `tidemark report`, without a database, and with what the check found. */
export async function presentPage(
  settings: Settings,
  { version, signal, surroundings }: PageRequest,
  { report }: CheckOutcome,
): Promise<string> {
  const request = { ...FILES_ALONE, schema: 'executed', checks: report ?? 'left_out' } as const
  const made = await makeProjectReport(settings, request, {
    toolVersion: version,
    redactor: surroundings.redactor,
    onProgress: () => {},
    signal,
  })
  return renderPage(redactDocument(made, surroundings.redactor))
}

/** The page of a check that did not run, and says why. */
export function presentFailedPage(
  { problems }: CheckDocument,
  { redactor }: PageRequest['surroundings'],
): Promise<string> {
  const problem = problems
    .map(({ rule, path, line, message }) => {
      const place = path === null ? '' : `${path}${line === null ? '' : `:${line}`}: `
      return redactor.redact(`${place}${message} (${rule})`)
    })
    .join('\n')
  return renderPage(JSON.stringify({ problem }))
}
