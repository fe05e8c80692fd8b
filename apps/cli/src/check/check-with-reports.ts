import { TidemarkError } from '@tidemark/core'
import { CHECK_SEVERITIES, type CheckSeverity } from '@tidemark/shadow'
import type { Settings } from '../config/settings.ts'
import { pathInRepository } from '../report/path-in-repository.ts'
import { presentAnnotations } from '../report/present-annotations.ts'
import { presentJunit } from '../report/present-junit.ts'
import { type Problem, redactProblem } from '../report/problem.ts'
import { placeInRepository, type ReportSurroundings } from '../report/report-surroundings.ts'
import { readReportTargets } from '../report/report-targets.ts'
import { type ReportWriting, writeReports } from '../report/write-reports.ts'
import { type CheckOutcome, type CheckRequest, check } from './check.ts'
import type { LoadEnvironment } from './fix/find-recorded.ts'
import { fixFiles } from './fix/fix-files.ts'
import { type CheckDocument, documentOfCheck, documentOfFailure } from './report/check-document.ts'
import { presentMarkdown } from './report/present-markdown.ts'
import { presentFailedPage, presentPage } from './report/present-page.ts'
import { presentSarif } from './report/present-sarif.ts'

/** What {@link checkWithReports} was asked for. */
export interface ReportedCheck extends CheckRequest {
  /** Each `junit=FILE`, `sarif=FILE`, `markdown=FILE`, `html=FILE` or `github`. */
  readonly reports: readonly string[]
  readonly surroundings: ReportSurroundings
  /** Loads the settings of other environments, for `--fix`; undefined: nothing is written. */
  readonly fix: LoadEnvironment | undefined
}

/**
 * Checks, and writes the reports, also where the check does not run: an older report would say something else. A
 * path that cannot be written is an error where everything is right.
 *
 * @throws {TidemarkError} TM7008 when a report is none that is known, and whatever `check` throws.
 */
export async function checkWithReports(settings: Settings, request: ReportedCheck): Promise<CheckOutcome> {
  const targets = readReportTargets(request.reports, ['junit', 'sarif', 'markdown', 'html'])
  const write = (document: CheckDocument, page: Page, unwritten: ReportWriting<never>['unwritten']) =>
    writeReports(targets, {
      ...request.surroundings,
      unwritten,
      present: { ...presentReports(document, request), html: page },
    })
  const outcome = await checkAndFix(settings, request).catch(async (error: unknown) => {
    if (error instanceof TidemarkError) {
      const document = documentOfFailure(error)
      await write(document, () => presentFailedPage(document, request.surroundings), 'is_said')
    }
    throw error
  })
  await write(
    documentOfCheck(outcome),
    () => presentPage(settings, request, outcome),
    outcome.result === 'proven' ? 'fails' : 'is_said',
  )
  return outcome
}

async function checkAndFix(settings: Settings, request: ReportedCheck): Promise<CheckOutcome> {
  const outcome = await check(settings, request)
  const { fix: load } = request
  return load === undefined ? outcome : fixFiles(settings, { ...request, load }, outcome)
}

type Page = () => Promise<string>

type Presented = ReportWriting<'junit' | 'sarif' | 'markdown'>['present']

function presentReports(
  document: CheckDocument,
  { surroundings, failOn, version }: Pick<ReportedCheck, 'surroundings' | 'failOn' | 'version'>,
): Presented {
  const { redact, repository } = surroundings
  const safe: CheckDocument = {
    ...document,
    problems: document.problems.map((problem) => redactProblem(problem, surroundings)),
    gaps: document.gaps.map((gap) => ({ ...gap, why: redact(gap.why) })),
  }
  const placed: CheckDocument = {
    ...safe,
    problems: placeInRepository(safe.problems, surroundings),
    gaps: safe.gaps.map((gap) => ({ ...gap, path: pathInRepository(gap.path, repository) })),
  }
  const { paths, problems, gaps } = safe
  const folder = pathInRepository('.', repository)
  const isFailure = (problem: Problem) => isAtLeast(problem.severity, failOn)
  return {
    junit: () => presentJunit({ suite: 'tidemark check', paths, problems, isFailure, skipped: gaps }),
    sarif: () => presentSarif(placed, version),
    markdown: () => presentMarkdown(placed, folder === '.' ? '' : folder),
    github: () => presentAnnotations([...placed.problems, ...placed.gaps.map(toWarning)]),
  }
}

function isAtLeast(severity: CheckSeverity, limit: CheckSeverity): boolean {
  return CHECK_SEVERITIES.indexOf(severity) <= CHECK_SEVERITIES.indexOf(limit)
}

function toWarning({ id, path, why }: CheckDocument['gaps'][number]): Problem {
  const message = `"${id}" was not checked: ${why}`
  const place = { path, line: null, column: null }
  return {
    rule: 'not-checked',
    severity: 'warning',
    message,
    details: [],
    helps: [],
    text: message,
    ...place,
  }
}
