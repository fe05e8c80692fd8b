import type { DiffLine } from './line-diff.ts'

/** How {@link formatLineDiff} writes. */
export interface FormatLineDiffOptions {
  /** Unchanged lines to show around a change. Default 2. */
  readonly context?: number
  /** The most lines to write; what is left out is counted. Default 40. */
  readonly maxLines?: number
}

const SIGNS = { same: ' ', removed: '-', added: '+' } as const

/**
 * Writes a difference with `-` for lines that were applied and `+` for lines of the file. Unchanged lines far
 * from a change are one `…`.
 *
 * @example formatLineDiff(lineDiff('a\nb', 'a\nc')) // '  a\n- b\n+ c'
 */
export function formatLineDiff(diff: readonly DiffLine[], options: FormatLineDiffOptions = {}): string {
  const { context = 2, maxLines = 40 } = options
  const lines: string[] = []
  let gap = false
  const near = markNear(diff, context)
  for (const [index, { kind, text }] of diff.entries()) {
    if (near[index] === true) {
      if (gap) lines.push('…')
      lines.push(`${SIGNS[kind]} ${text}`.trimEnd())
    }
    gap = near[index] !== true
  }
  const rest = lines.length - maxLines
  return (rest > 0 ? [...lines.slice(0, maxLines), `… ${rest} more lines`] : lines).join('\n')
}

function markNear(diff: readonly DiffLine[], context: number): boolean[] {
  const near = new Array<boolean>(diff.length).fill(false)
  for (const [index, { kind }] of diff.entries()) {
    if (kind !== 'same') near.fill(true, Math.max(0, index - context), index + context + 1)
  }
  return near
}
