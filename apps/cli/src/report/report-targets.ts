import { TidemarkError } from '@tidemark/core'

/** The formats of reports that are files. */
export type FileFormat = 'junit' | 'sarif' | 'markdown' | 'html'

/** Where a report goes: a file, or the log of a workflow of GitHub. */
export type ReportTarget<Format extends FileFormat> =
  | { readonly kind: 'file'; readonly format: Format; readonly path: string }
  | { readonly kind: 'annotations' }

/**
 * Reads the values of `--report`, each `FORMAT=FILE` or `github`.
 *
 * @throws {TidemarkError} TM7008 when one is not valid.
 */
export function readReportTargets<Format extends FileFormat>(
  given: readonly string[],
  formats: readonly Format[],
): readonly ReportTarget<Format>[] {
  return given.map((report) => {
    if (report === 'github') return { kind: 'annotations' }
    const [, word, path] = /^(\w+)=(.+)$/s.exec(report) ?? []
    const format = formats.find((one) => one === word)
    if (format !== undefined && path !== undefined) return { kind: 'file', format, path }
    const files = formats.map((one) => `\`--report ${one}=FILE\``).join(', ')
    throw new TidemarkError({
      code: 'TM7008',
      message: `"${report}" is not a valid report`,
      help: `write ${files} or \`--report github\``,
    })
  })
}
