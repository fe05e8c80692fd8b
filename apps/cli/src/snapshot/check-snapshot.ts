import { formatLineDiff, lineDiff, TidemarkError } from '@tidemark/core'

/**
 * Compares a snapshot with the text of its file. Line ends of Windows, as a checkout may make them, are the
 * same.
 *
 * @param present undefined when there is no file.
 * @throws {TidemarkError} TM4020 with the lines that differ; TM5052 where the file is of another major version
 * of PostgreSQL, which writes some things in another way.
 */
export function checkSnapshot(expected: string, present: string | undefined, name: string): void {
  if (present === undefined) throw outOfDate(`${name} does not exist`, name)
  const text = present.replaceAll('\r\n', '\n')
  if (text === expected) return
  const [made, now] = [majorOf(text), majorOf(expected)]
  if (made !== undefined && made !== now) {
    throw new TidemarkError({
      code: 'TM5052',
      message: `${name} is of PostgreSQL ${made}, and this shadow is PostgreSQL ${now}: they cannot be compared`,
      help: `use a shadow of PostgreSQL ${made}, or write the file again: tidemark snapshot --out ${name}`,
    })
  }
  const difference = formatLineDiff(lineDiff(text, expected))
  throw outOfDate(`${name} is not what the migrations make`, name, difference)
}

function majorOf(text: string): string | undefined {
  return /^-- PostgreSQL (\d+)$/m.exec(text)?.[1]
}

function outOfDate(message: string, name: string, detail?: string): TidemarkError {
  const help = `write it again and commit it: tidemark snapshot --out ${name}`
  const diagnostic = { code: 'TM4020', severity: 'error', message, help } as const
  const diagnostics = [detail === undefined ? diagnostic : { ...diagnostic, detail }]
  return new TidemarkError({ code: 'TM4020', message, help, diagnostics })
}
