import { diffArrays } from 'diff'

/** One line of a difference. */
export interface DiffLine {
  readonly kind: 'same' | 'removed' | 'added'
  readonly text: string
  /** The line's number from 1 in the text that has it: the first for `removed`, else the second. */
  readonly line: number
}

/**
 * Above this many changed lines the two middles are shown as replaced: the search costs the square of the
 * changes.
 */
const MAX_EDITS = 1000

/**
 * Compares two texts line by line, with as few changes as possible (Myers, by jsdiff). Removed lines come
 * before the added ones that take their place.
 *
 * @example lineDiff('a\nb', 'a\nc') // same a, removed b, added c
 */
export function lineDiff(before: string, after: string): readonly DiffLine[] {
  const a = before.split('\n')
  const b = after.split('\n')
  const head = countEqual(a, b)
  const tail = countEqual(a.slice(head).reverse(), b.slice(head).reverse())
  const [removed, added] = [a.slice(head, a.length - tail), b.slice(head, b.length - tail)]
  const middle = diffArrays(removed, added, { maxEditLength: MAX_EDITS }) ?? [
    { value: removed, removed: true, added: false },
    { value: added, removed: false, added: true },
  ]
  const same = (value: string[]) => ({ value, removed: false, added: false })
  let lineA = 0
  let lineB = 0
  return [same(b.slice(0, head)), ...middle, same(b.slice(b.length - tail))].flatMap((part) =>
    part.value.map((text) => {
      if (!part.added) lineA += 1
      if (!part.removed) lineB += 1
      const kind = part.added ? 'added' : part.removed ? 'removed' : 'same'
      return { kind, text, line: part.removed ? lineA : lineB } as const
    }),
  )
}

function countEqual(a: readonly string[], b: readonly string[]): number {
  const end = a.findIndex((line, index) => line !== b[index])
  return end === -1 ? Math.min(a.length, b.length) : end
}
