import type { Settings } from '../config/settings.ts'
import { problemOfDiagnostic } from '../report/list-problems.ts'
import { presentAnnotations } from '../report/present-annotations.ts'
import { presentJunit } from '../report/present-junit.ts'
import { redactProblem } from '../report/problem.ts'
import { placeInRepository, type ReportSurroundings } from '../report/report-surroundings.ts'
import { readReportTargets } from '../report/report-targets.ts'
import { type ReportWriting, writeReports } from '../report/write-reports.ts'
import { diagnosticsOf, type Validation, validate } from './validate.ts'

/** Options of {@link validateWithReport}. */
export interface ReportedValidation {
  readonly strict: boolean
  /** Each `junit=FILE` or `github`. */
  readonly reports: readonly string[]
  readonly surroundings: ReportSurroundings
}

/**
 * Validates, and writes the reports whether or not there are problems. A path that cannot be written is an error
 * where the files are right.
 *
 * @throws {TidemarkError} TM7008 when a report is none that is known, and whatever `validate` throws.
 */
export async function validateWithReport(
  settings: Settings,
  { strict, reports, surroundings }: ReportedValidation,
): Promise<Validation> {
  const targets = readReportTargets(reports, ['junit'])
  const write = (
    { paths, diagnostics }: Pick<Validation, 'paths' | 'diagnostics'>,
    unwritten: ReportWriting<never>['unwritten'],
  ) => {
    const problems = diagnostics.map(problemOfDiagnostic).map((one) => redactProblem(one, surroundings))
    const isFailure = ({ severity }: { readonly severity: string }) => severity === 'error'
    return writeReports(targets, {
      ...surroundings,
      unwritten,
      present: {
        junit: () => presentJunit({ suite: 'tidemark validate', paths, problems, isFailure, skipped: [] }),
        github: () => presentAnnotations(placeInRepository(problems, surroundings)),
      },
    })
  }
  const validation = await validate(settings, { strict }).catch(async (error: unknown) => {
    const diagnostics = diagnosticsOf(error) ?? []
    if (diagnostics.length > 0) await write({ paths: [], diagnostics }, 'is_said')
    throw error
  })
  await write(validation, 'fails')
  return validation
}
