import type { Diagnostic } from '@tidemark/core'
import { type FailureOptions, presentDiagnostic } from './present-failure.ts'

const SHOWN = 5

/**
 * Writes what was found, one below the other. Of warnings and notes of one kind the first five: a folder that
 * is not the right one leaves a thousand of them, and what matters would scroll away. Errors are all written.
 */
export function presentFindings(
  findings: readonly Diagnostic[],
  options: Pick<FailureOptions, 'paint' | 'targetFlags'>,
): string {
  const seen = new Map<string, number>()
  const shown: Diagnostic[] = []
  const hidden: Diagnostic[] = []
  for (const finding of findings) {
    const number = (seen.get(finding.code) ?? 0) + 1
    seen.set(finding.code, number)
    const list = finding.severity === 'error' || number <= SHOWN ? shown : hidden
    list.push(finding)
  }
  const blocks = shown.map((finding) => presentDiagnostic(finding, options))
  if (hidden.length > 0) {
    const codes = [...new Set(hidden.map(({ code }) => code))].join(', ')
    blocks.push(options.paint.dim(`… and ${hidden.length} more (${codes}); \`--json\` lists all`))
  }
  return blocks.join('\n\n')
}
