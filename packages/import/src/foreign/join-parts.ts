import type { SourceFile, Span } from '@tidemark/core'
import type { ForeignSection } from './foreign-project.ts'

/**
 * Makes a section of parts of a file, a line each: SQL that the file holds in comments. Places in it lead back
 * to the file.
 */
export function joinParts(file: SourceFile, parts: readonly Span[]): ForeignSection {
  const starts: number[] = []
  let text = ''
  for (const { start, end } of parts) {
    starts.push(text.length)
    text += `${file.text.slice(start, end)}\n`
  }
  const toOffset = (offset: number): number => {
    const index = starts.findLastIndex((start) => start <= offset)
    const part = parts[index]
    if (part === undefined) return 0
    return Math.min(part.start + offset - (starts[index] ?? 0), part.end)
  }
  const source: SourceFile = {
    path: file.path,
    text,
    origin: { source: file, toOffset, secrets: new Map() },
  }
  return { source, span: { start: 0, end: text.length }, directives: [], boundaries: [] }
}
