import type { Span } from '@tidemark/core'

/** A line of a changeset that only Liquibase reads. */
export interface ChangesetLine extends Span {
  readonly kind: 'changeset' | 'rollback' | 'comment' | 'precondition' | 'property' | 'ignored' | 'other'
  /** What follows the word. */
  readonly value: string
  /** The place of the value. */
  readonly valueStart: number
}

/** One changeset of a formatted SQL file. */
export interface Changeset {
  readonly author: string
  readonly id: string
  /** By name in lower case: `dbms`, `context`, `runonchange`. */
  readonly attributes: ReadonlyMap<string, string>
  /** From its line to the next one; the first begins with the file. */
  readonly span: Span
  readonly lines: readonly ChangesetLine[]
}

const LINE =
  /^[ \t]*--[ \t]*(liquibase[ \t]+formatted[ \t]+sql|changeset|rollback|comment|preconditions?(?:-[\w-]+)?|property|ignoreLines|validCheckSum|logicalFilePath)\b:?[ \t]*(.*)$/gim
const BLOCK = /\/\*[ \t]*liquibase[ \t]+rollback[ \t]*\n([\s\S]*?)\*\//gi
const HEAD = /^(?:"([^"]*)"|'([^']*)'|([^:\s]+(?: [^:\s]+)*)):(?:"([^"]*)"|'([^']*)'|(\S+))[ \t]*(.*)$/
const ATTRIBUTE = /([\w-]+):(?:"([^"]*)"|'([^']*)'|(\S+))/g

/**
 * Reads the changesets of a formatted SQL file. Undefined for a file that is not formatted: Liquibase runs it
 * as a whole. https://docs.liquibase.com/concepts/changelogs/sql-format.html
 */
export function readChangesets(text: string): readonly Changeset[] | undefined {
  const lines = readLines(text)
  const heads = lines.filter(({ kind }) => kind === 'changeset')
  if (heads.length === 0) return undefined
  return heads.map((head, index) => {
    const span = { start: index === 0 ? 0 : head.start, end: heads[index + 1]?.start ?? text.length }
    const [, a, b, author = a ?? b ?? '', c, d, id = c ?? d ?? '', rest = ''] = HEAD.exec(head.value) ?? []
    return {
      author,
      id: id === '' ? head.value : id,
      attributes: readAttributes(rest),
      span,
      lines: lines.filter(({ start }) => start >= span.start && start < span.end),
    }
  })
}

/**
 * Reads `name:value` pairs.
 *
 * @example readAttributes('dbms:postgresql context:"a or b"').get('context') // 'a or b'
 */
export function readAttributes(text: string): ReadonlyMap<string, string> {
  return new Map(
    [...text.matchAll(ATTRIBUTE)].map(([, name = '', a, b, value = a ?? b ?? '']) => [
      name.toLowerCase(),
      value,
    ]),
  )
}

function readLines(text: string): readonly ChangesetLine[] {
  const found = [...text.matchAll(LINE)].map((match): ChangesetLine => {
    const [line, word = '', value = ''] = match
    const end = match.index + line.length
    return {
      kind: kindOf(word),
      value: value.trim(),
      valueStart: end - value.length,
      start: match.index,
      end,
    }
  })
  const blocks = [...text.matchAll(BLOCK)].map((match): ChangesetLine => {
    const [block, value = ''] = match
    const end = match.index + block.length
    return {
      kind: 'rollback',
      value: value.trim(),
      valueStart: match.index + block.indexOf('\n') + 1,
      start: match.index,
      end,
    }
  })
  const lines = [...found, ...blocks].sort((a, b) => a.start - b.start)
  return widenIgnored(text, lines)
}

/** `ignoreLines:2` and `ignoreLines:start` take the lines below with them. */
function widenIgnored(text: string, lines: readonly ChangesetLine[]): readonly ChangesetLine[] {
  const widened = lines.map((line, index) => {
    if (line.kind !== 'ignored' || /^end$/i.test(line.value)) return line
    const close = lines.slice(index + 1).find(({ kind, value }) => kind === 'ignored' && /^end$/i.test(value))
    if (/^start$/i.test(line.value)) return { ...line, end: close?.end ?? text.length }
    let { end } = line
    for (let rest = Number(line.value) || 0; rest > 0 && end < text.length; rest -= 1) {
      const next = text.indexOf('\n', end + 1)
      end = next === -1 ? text.length : next
    }
    return { ...line, end }
  })
  const ignored = widened.filter(({ kind }) => kind === 'ignored')
  return widened.filter(
    (line) => !ignored.some((outer) => outer !== line && outer.start <= line.start && line.end <= outer.end),
  )
}

function kindOf(word: string): ChangesetLine['kind'] {
  const lower = word.toLowerCase()
  if (lower.startsWith('precondition')) return 'precondition'
  if (lower === 'ignorelines') return 'ignored'
  const known = ['changeset', 'rollback', 'comment', 'property'] as const
  return known.find((kind) => kind === lower) ?? 'other'
}
