import type { Diagnostic, SourceFile, Span } from '@tidemark/core'
import { needsReview } from './findings.ts'

/**
 * Reports variables that the other tool replaces in the text: here they would reach the server as they are.
 * One finding for each name.
 */
export function findVariables(
  source: SourceFile,
  { start, end }: Span,
  pattern: RegExp,
  message: string,
): Diagnostic[] {
  const seen = new Set<string>()
  return [...source.text.slice(start, end).matchAll(pattern)].flatMap(({ 0: word, index }) => {
    if (seen.has(word)) return []
    seen.add(word)
    const span = { start: start + index, end: start + index + word.length }
    return [
      needsReview(
        source,
        span,
        `"${word}": ${message}`,
        `write the value in its place, or declare a variable ("-- Variables: [name]") and write :'name' or :"name"`,
      ),
    ]
  })
}
