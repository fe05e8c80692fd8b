import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { type Diagnostic, TidemarkError } from '@tidemark/core'
import type { Settings } from '../config/settings.ts'
import { presentJunit } from '../present/junit.ts'
import { diagnosticsOf, type Validation, validate } from './validate.ts'

/** Options of {@link validateWithReport}. */
export interface ReportedValidation {
  readonly strict: boolean
  /** `junit=FILE`, or undefined for no report. */
  readonly report: string | undefined
}

/**
 * Validates, and writes the report whether or not there are problems.
 *
 * @throws {TidemarkError} TM7008 when the report is none that is known, and whatever `validate` throws.
 */
export async function validateWithReport(
  settings: Settings,
  options: ReportedValidation,
): Promise<Validation> {
  const path = options.report === undefined ? undefined : readReport(options.report)
  const write = async (paths: readonly string[], diagnostics: readonly Diagnostic[]): Promise<void> => {
    if (path === undefined) return
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, presentJunit(paths, diagnostics))
  }
  try {
    const validation = await validate(settings, options)
    await write(validation.paths, validation.diagnostics)
    return validation
  } catch (error) {
    const diagnostics = diagnosticsOf(error)
    if (diagnostics !== undefined) await write([], diagnostics)
    throw error
  }
}

function readReport(report: string): string {
  const match = /^junit=(.+)$/.exec(report)
  if (match?.[1] !== undefined) return resolve(match[1])
  throw new TidemarkError({
    code: 'TM7008',
    message: `"${report}" is no report`,
    help: 'write `--report junit=FILE`',
  })
}
