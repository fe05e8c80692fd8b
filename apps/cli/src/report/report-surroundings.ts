import type { Redactor } from '../redact/redactor.ts'
import { pathInRepository } from './path-in-repository.ts'
import type { Problem } from './problem.ts'
import type { ReportWriting } from './write-reports.ts'

/** What reports need to know of the process. */
export interface ReportSurroundings extends Pick<ReportWriting<never>, 'annotate' | 'onUnwritten'> {
  /** Takes secrets out of a text, and of what a page shows. */
  readonly redact: Redactor['redact']
  readonly redactor: Redactor
  /** The root of the repository that a code host counts paths from; undefined: the working directory. */
  readonly repository: string | undefined
}

/** Describes this process for its reports: annotations and warnings go to stderr. */
export function describeReportSurroundings(redactor: Redactor): ReportSurroundings {
  return {
    redact: redactor.redact,
    redactor,
    repository: process.env['GITHUB_WORKSPACE'],
    annotate: (text) => void process.stderr.write(text),
    // What the report was to say is said on the terminal too, and the exit code is that of the files.
    onUnwritten: (cause) => {
      const reason = cause instanceof Error ? cause.message.split(', ')[0] : String(cause)
      process.stderr.write(`warning TM7012: the report cannot be written: ${reason}\n`)
    },
  }
}

/** Gives problems with paths from the root of the repository, as a code host shows them. */
export function placeInRepository(
  problems: readonly Problem[],
  { repository }: Pick<ReportSurroundings, 'repository'>,
): readonly Problem[] {
  return problems.map((problem) => ({
    ...problem,
    path: problem.path === null ? null : pathInRepository(problem.path, repository),
  }))
}
