import type { Diagnostic } from '@tidemark/core'
import { findDirectionMarks } from './divide-text.ts'
import { needsReview } from './findings.ts'
import type { ForeignMigration } from './foreign-project.ts'
import { hasStatement } from './has-statement.ts'

/**
 * Reports a comment such as `-- down` with SQL after it, in a file that the other tool runs as one way
 * forward.
 */
export function findUnusedMarks({ up }: ForeignMigration, title: string): readonly Diagnostic[] {
  const { source, span, directives } = up
  const mark = findDirectionMarks(source.text).find(
    ({ way, start }) =>
      way === 'down' &&
      start >= span.start &&
      start < span.end &&
      !directives.some((directive) => directive.start <= start && start < directive.end),
  )
  if (mark === undefined || !hasStatement(source.text.slice(mark.end, span.end))) return []
  const text = source.text.slice(mark.start, mark.end)
  const message = `"${text}" may begin a way back: ${title} runs it as part of the way forward, and so does the imported file`
  const help = 'if it goes back, put "-- @down" in its place in the imported file'
  return [needsReview(source, mark, message, help)]
}
