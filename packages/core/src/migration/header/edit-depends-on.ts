import type { Span } from '../../text/span.ts'
import type { Migration, MigrationId } from '../model/migration.ts'
import { findHeaderEntries, type HeaderEntry } from './header-entries.ts'
import { HEADER_KEYS } from './header-keys.ts'
import { listHeaderLines } from './header-lines.ts'
import { readHeaderList } from './header-list.ts'

/** What to change in the `Depends on` of a file. */
export interface DependsOnEdit {
  readonly add: readonly MigrationId[]
  readonly remove: readonly MigrationId[]
}

/**
 * Changes the dependencies in the text of a migration, and nothing else: a list keeps its lines, and a header
 * without `Depends on` gets the line after its type. What is there already is not added again.
 *
 * @returns the normalised text.
 * @example editDependsOn(migration, { add: ['002_b'], remove: [] }).split('\n')[0] // '-- Depends on: [002_b]'
 */
export function editDependsOn(
  { source, up, down, verify }: Pick<Migration, 'source' | 'up' | 'down' | 'verify'>,
  { add, remove }: DependsOnEdit,
): string {
  const { text } = source
  const markers = [up, down, verify].flatMap((section) => section?.marker.start ?? [])
  const { entries } = findHeaderEntries(source, listHeaderLines(text, Math.min(...markers)))
  const entry = entries.get('dependsOn')
  if (entry === undefined) {
    if (add.length === 0) return text
    const last = Math.max(0, ...BEFORE.map((field) => lineAfter(text, entries.get(field))))
    return `${text.slice(0, last)}-- ${HEADER_KEYS.dependsOn}: [${add.join(', ')}]\n${text.slice(last)}`
  }
  const { items, spans, diagnostics } = readHeaderList(source, entry)
  const added = add.filter((id) => !items.includes(id))
  const kept = spans.filter((_, place) => !remove.includes(items[place] ?? ''))
  const last = kept.at(-1)
  // An empty list may be written in several ways, and of two equal items one would be left.
  if (last === undefined || diagnostics.length > 0) {
    const ids = [...kept.map(({ start, end }) => text.slice(start, end)), ...added]
    const value = wholeValue(entry)
    const blank = /\s/.test(text[value.start - 1] ?? '') ? '' : ' '
    return replace(text, value, `${blank}[${ids.join(', ')}]`)
  }
  const inserted = added.map((id) => `, ${id}`).join('')
  const longer = replace(text, { start: last.end, end: last.end }, inserted)
  return listCuts(spans, kept)
    .reverse()
    .reduce(
      (edited, cut) => replace(edited, cut.start < last.end ? cut : moved(cut, inserted.length), ''),
      longer,
    )
}

/** The lines after which the new one is written. */
const BEFORE = ['id', 'description', 'type'] as const

function lineAfter(text: string, entry: HeaderEntry | undefined): number {
  if (entry === undefined) return 0
  const found = text.indexOf('\n', wholeValue(entry).end)
  return found === -1 ? text.length : found + 1
}

function wholeValue({ value }: HeaderEntry): Span {
  return { start: value[0].start, end: (value.at(-1) ?? value[0]).end }
}

/** What is removed goes with the comma before it; at the beginning of the list with the one after it. */
function listCuts(spans: readonly Span[], kept: readonly Span[]): Span[] {
  return spans.flatMap((span, place) => {
    if (kept.includes(span)) return []
    const isAfterKept = spans.slice(0, place).some((one) => kept.includes(one))
    const [before, after] = [spans[place - 1], spans[place + 1]]
    if (isAfterKept && before !== undefined) return { start: before.end, end: span.end }
    return after === undefined ? [] : { start: span.start, end: after.start }
  })
}

function moved({ start, end }: Span, by: number): Span {
  return { start: start + by, end: end + by }
}

function replace(text: string, { start, end }: Span, by: string): string {
  return text.slice(0, start) + by + text.slice(end)
}
