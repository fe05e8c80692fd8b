import type { Span } from '@tidemark/core'
import type { ForeignSection } from './foreign-project.ts'

/**
 * Ends statements where the other tool does when its file names a delimiter of its own: each place of it is
 * removed, and ends a statement. `;` and what is only white space need nothing.
 */
export function splitAtDelimiter(section: ForeignSection, delimiter: string | undefined): ForeignSection {
  if (delimiter === undefined || delimiter === '' || delimiter === ';') return section
  const { source, span, directives } = section
  const ends: Span[] = []
  for (let at = source.text.indexOf(delimiter, span.start); at !== -1 && at < span.end; ) {
    const end = at + delimiter.length
    const isOwn = !directives.some((directive) => directive.start < end && at < directive.end)
    if (isOwn && end <= span.end) ends.push({ start: at, end })
    at = source.text.indexOf(delimiter, end)
  }
  const removed = delimiter.trim() === '' ? [] : ends
  return {
    ...section,
    directives: [...directives, ...removed].sort((a, b) => a.start - b.start),
    boundaries: ends.map(({ start }) => start),
  }
}
