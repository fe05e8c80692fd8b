import type { ReportDocument } from '@tidemark/report'

/** What a page carries: a document, or why there is none. */
export interface CarriedReport {
  readonly report: ReportDocument | null
  readonly problem: string | null
}

/** Reads the document that the page carries. The studio may not have made one yet, and of wrong files there is none. */
export function readReport(page: Document): CarriedReport {
  const data = JSON.parse(page.getElementById('report-data')?.textContent ?? 'null')
  const problem: unknown = data?.problem
  return typeof problem === 'string' ? { report: null, problem } : { report: data, problem: null }
}

/** Whether the page is served by the studio, which keeps it current. */
export function isLive(page: Document): boolean {
  return page.documentElement.dataset['live'] === 'true'
}

/**
 * Calls with each new document as files and database change; with an error's text where they cannot be read.
 *
 * @returns ends it.
 */
export function watchReport(
  onReport: (report: ReportDocument) => void,
  onProblem: (text: string | null) => void,
): () => void {
  const events = new EventSource('events')
  events.addEventListener('report', (event) => {
    onReport(JSON.parse(event.data))
  })
  events.addEventListener('problem', (event) => onProblem(JSON.parse(event.data)))
  events.onerror = () => onProblem('the studio does not answer: it has ended, or the connection is gone')
  return () => events.close()
}
