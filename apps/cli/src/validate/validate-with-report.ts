import { writeFile } from 'node:fs/promises'
import { dirname, relative, resolve, sep } from 'node:path'
import { type Diagnostic, TidemarkError } from '@tidemark/core'
import { makeFolder } from '@tidemark/core/node'
import type { Settings } from '../config/settings.ts'
import { presentGithubAnnotations } from './present-github-annotations.ts'
import { presentJunit } from './present-junit.ts'
import { diagnosticsOf, type Validation, validate } from './validate.ts'

/** Options of {@link validateWithReport}. */
export interface ReportedValidation {
  readonly strict: boolean
  /** Each `junit=FILE` or `github`. */
  readonly reports: readonly string[]
  /** Called when the disk is full, or when the files are wrong already: the result is that of the files. */
  readonly onUnwritten: (cause: unknown) => void
  /** Where annotations for GitHub are written; its runner reads both streams. */
  readonly annotate: (text: string) => void
}

/**
 * Validates, and writes the reports whether or not there are problems. A path that cannot be written is an error.
 *
 * @throws {TidemarkError} TM7008 when a report is none that is known, and whatever `validate` throws.
 */
export async function validateWithReport(
  settings: Settings,
  options: ReportedValidation,
): Promise<Validation> {
  const reports = options.reports.map((report) => readReport(report, options.annotate))
  const validation = await validate(settings, options).catch(async (error: unknown) => {
    const diagnostics = diagnosticsOf(error) ?? []
    if (diagnostics.length > 0)
      for (const report of reports) await report([], diagnostics).catch(options.onUnwritten)
    throw error
  })
  for (const report of reports) {
    await report(validation.paths, validation.diagnostics).catch((cause: unknown) => {
      if (!isOutOfSpace(cause)) throw cause
      options.onUnwritten(cause)
    })
  }
  return validation
}

const OUT_OF_SPACE: readonly unknown[] = ['ENOSPC', 'EDQUOT', 'EFBIG', 'EIO']

/** A disk that takes no more says nothing against the files; a path that cannot be written is a wrong argument. */
function isOutOfSpace(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && OUT_OF_SPACE.includes(cause.code)
}

type WriteReport = (paths: readonly string[], diagnostics: readonly Diagnostic[]) => Promise<void>

function readReport(report: string, annotate: (text: string) => void): WriteReport {
  if (report === 'github') {
    const folder = folderInRepository(process.env['GITHUB_WORKSPACE'])
    return async (_, diagnostics) => annotate(presentGithubAnnotations(diagnostics, folder))
  }
  const [, path] = /^junit=(.+)$/.exec(report) ?? []
  if (path === undefined) {
    throw new TidemarkError({
      code: 'TM7008',
      message: `"${report}" is not a valid report`,
      help: 'write `--report junit=FILE` or `--report github`',
    })
  }
  return async (paths, diagnostics) => {
    await makeFolder(dirname(resolve(path)))
    await writeFile(resolve(path), presentJunit(paths, diagnostics))
  }
}

/** GitHub counts paths from the repository's root, we from the working directory. */
function folderInRepository(root: string | undefined): string {
  const folder = root === undefined ? '' : relative(root, process.cwd()).split(sep).join('/')
  return folder.startsWith('..') ? '' : folder
}
