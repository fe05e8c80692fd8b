import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatLineDiff } from './format-line-diff.ts'
import { type DiffLine, lineDiff } from './line-diff.ts'

const text = fc.array(fc.constantFrom('a', 'b', 'c', ''), { maxLength: 14 }).map((lines) => lines.join('\n'))

test('a difference holds both texts, line by line and with their numbers', () => {
  fc.assert(
    fc.property(text, text, (before, after) => {
      const diff = lineDiff(before, after)
      expect(linesOf(diff, 'removed')).toBe(before)
      expect(linesOf(diff, 'added')).toBe(after)
      const numbers = diff.filter(({ kind }) => kind !== 'removed').map(({ line }) => line)
      expect(numbers).toEqual(after.split('\n').map((_, index) => index + 1))
    }),
  )
})

test('a difference has as few changes as a longest common subsequence allows', () => {
  fc.assert(
    fc.property(text, text, (before, after) => {
      const kept = lineDiff(before, after).filter(({ kind }) => kind === 'same').length
      expect(kept).toBe(longestCommon(before.split('\n'), after.split('\n')))
    }),
  )
})

test('texts with more changes than the search allows are shown as replaced', () => {
  const before = Array.from({ length: 1200 }, (_, index) => `old ${index}`).join('\n')
  const after = Array.from({ length: 1200 }, (_, index) => `new ${index}`).join('\n')
  const diff = lineDiff(`head\n${before}\ntail`, `head\n${after}\ntail`)
  expect(diff.map(({ kind }) => kind)).toEqual([
    'same',
    ...Array<string>(1200).fill('removed'),
    ...Array<string>(1200).fill('added'),
    'same',
  ])
})

test('a printed difference shows what is near a change and counts what it leaves out', () => {
  const before = 'a\nb\nc\nd\ne\nf\ng'
  expect(formatLineDiff(lineDiff(before, 'a\nb\nc\nd\ne\nF\ng\nh'), { context: 1 })).toBe(
    ['…', '  e', '- f', '+ F', '  g', '+ h'].join('\n'),
  )
  expect(formatLineDiff(lineDiff('', 'a\nb\nc'), { maxLines: 2 })).toBe('-\n+ a\n… 2 more lines')
})

function linesOf(diff: readonly DiffLine[], kind: 'removed' | 'added'): string {
  return diff
    .filter((line) => line.kind === 'same' || line.kind === kind)
    .map((line) => line.text)
    .join('\n')
}

function longestCommon(a: readonly string[], b: readonly string[]): number {
  let row = new Array<number>(b.length + 1).fill(0)
  for (const left of a) {
    const next = [0]
    for (const [j, right] of b.entries()) {
      next.push(left === right ? (row[j] ?? 0) + 1 : Math.max(row[j + 1] ?? 0, next[j] ?? 0))
    }
    row = next
  }
  return row[b.length] ?? 0
}
