/** One line of a difference. */
export interface DiffLine {
  readonly kind: 'same' | 'removed' | 'added'
  readonly text: string
  /** The line's number from 1 in the text that has it: the first for `removed`, else the second. */
  readonly line: number
}

/** Above this many changed lines the two middles are told as replaced: the search costs the square of the changes. */
const MAX_EDITS = 1000

/**
 * Tells how one text becomes another line by line, with as few changes as possible (Myers, "An O(ND) Difference Algorithm", 1986).
 * Removed lines come before the added ones that take their place.
 *
 * @example lineDiff('a\nb', 'a\nc') // same a, removed b, added c
 */
export function lineDiff(before: string, after: string): readonly DiffLine[] {
  const a = before.split('\n')
  const b = after.split('\n')
  const head = commonHead(a, b)
  const tail = commonTail(a, b, head)
  const endA = a.length - tail
  const endB = b.length - tail
  const kept = findKept(a.slice(head, endA), b.slice(head, endB))
  const lines: DiffLine[] = b.slice(0, head).map((text, index) => ({ kind: 'same', text, line: index + 1 }))
  let i = head
  let j = head
  for (const [keptA, keptB] of [...kept, [endA - head, endB - head] as const]) {
    for (; i < keptA + head; i += 1) lines.push({ kind: 'removed', text: a[i] ?? '', line: i + 1 })
    for (; j < keptB + head; j += 1) lines.push({ kind: 'added', text: b[j] ?? '', line: j + 1 })
    if (i >= endA && j >= endB) break
    lines.push({ kind: 'same', text: b[j] ?? '', line: j + 1 })
    i += 1
    j += 1
  }
  for (j = endB; j < b.length; j += 1) lines.push({ kind: 'same', text: b[j] ?? '', line: j + 1 })
  return lines
}

function commonHead(a: readonly string[], b: readonly string[]): number {
  let head = 0
  while (head < a.length && head < b.length && a[head] === b[head]) head += 1
  return head
}

function commonTail(a: readonly string[], b: readonly string[], head: number): number {
  let tail = 0
  const most = Math.min(a.length, b.length) - head
  while (tail < most && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail += 1
  return tail
}

type Pair = readonly [inA: number, inB: number]

/** Finds a longest run of lines that both keep, as pairs of indexes. */
function findKept(a: readonly string[], b: readonly string[]): Pair[] {
  const trace: Map<number, number>[] = []
  const reach = new Map<number, number>([[1, 0]])
  const limit = Math.min(a.length + b.length, MAX_EDITS)
  for (let edits = 0; edits <= limit; edits += 1) {
    trace.push(new Map(reach))
    for (let k = -edits; k <= edits; k += 2) {
      const isDown = k === -edits || (k !== edits && at(reach, k - 1) < at(reach, k + 1))
      let x = isDown ? at(reach, k + 1) : at(reach, k - 1) + 1
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x += 1
      reach.set(k, x)
      if (x >= a.length && x - k >= b.length) return walkBack(trace, a.length, b.length)
    }
  }
  return []
}

function walkBack(trace: readonly ReadonlyMap<number, number>[], endA: number, endB: number): Pair[] {
  const kept: Pair[] = []
  let x = endA
  let y = endB
  for (let edits = trace.length - 1; edits >= 0; edits -= 1) {
    const reach = trace[edits] ?? new Map<number, number>()
    const k = x - y
    const isDown = k === -edits || (k !== edits && at(reach, k - 1) < at(reach, k + 1))
    const from = isDown ? k + 1 : k - 1
    const startX = edits === 0 ? 0 : at(reach, from)
    const startY = edits === 0 ? 0 : startX - from
    const diagonalX = edits === 0 ? 0 : isDown ? startX : startX + 1
    while (x > diagonalX && y > 0) {
      x -= 1
      y -= 1
      kept.push([x, y])
    }
    x = startX
    y = startY
  }
  return kept.reverse()
}

function at(reach: ReadonlyMap<number, number>, k: number): number {
  return reach.get(k) ?? -1
}
