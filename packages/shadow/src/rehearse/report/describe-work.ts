import { quoteIdentifier } from '@tidemark/core'
import type { RehearsedWork, SizedRelation } from './rehearsal.ts'

/** The name of a relation as SQL writes it: in quotes where it needs them. */
export function nameOf({ schema, name }: Pick<SizedRelation, 'schema' | 'name'>): string {
  return [schema, name]
    .map((part) => (/^[a-z_][a-z0-9_]*$/.test(part) ? part : quoteIdentifier(part)))
    .join('.')
}

const WORDS: Readonly<Record<RehearsedWork['kind'], string>> = {
  rewrite: 'rewrites',
  scan: 'reads all of',
  index_build: 'indexes',
  changes_rows: 'changes rows of',
}

/**
 * Says what work is done on a relation of the target, with its size.
 *
 * @example describeWork({ kind: 'rewrite', relation }) // 'rewrites public.orders (84 GB, 210 M rows, 6 indexes)'
 */
export function describeWork({ kind, relation }: RehearsedWork): string {
  const indexes = kind === 'rewrite' ? describeIndexes(relation) : []
  return `${WORDS[kind]} ${nameOf(relation)} (${[...describeSize(relation), ...indexes].join(', ')})`
}

/** How large a relation is, as far as it is known. */
export function describeSize({ rows, bytes }: SizedRelation): readonly string[] {
  if (rows === null && bytes === null) return ['size unknown']
  return [
    bytes === null ? 'size unknown' : formatSize(bytes),
    rows === null ? 'number of rows unknown' : `${formatCount(rows)} ${rows === 1 ? 'row' : 'rows'}`,
  ]
}

function describeIndexes({ indexes, indexBytes }: SizedRelation): readonly string[] {
  if (indexes === 0) return []
  const size = indexBytes === null ? '' : ` of ${formatSize(indexBytes)}`
  return [`${indexes} ${indexes === 1 ? 'index' : 'indexes'}${size}`]
}

const SIZES = ['bytes', 'kB', 'MB', 'GB', 'TB', 'PB']

function formatSize(bytes: number): string {
  let value = bytes
  let unit = 0
  while (value >= 1024 && unit < SIZES.length - 1) {
    value /= 1024
    unit += 1
  }
  return `${round(value)} ${SIZES[unit]}`
}

const COUNTS = ['', ' k', ' M', ' G', ' T']

/** Estimates, so two digits are enough. */
function formatCount(count: number): string {
  let value = count
  let unit = 0
  while (value >= 10_000 && unit < COUNTS.length - 1) {
    value /= 1000
    unit += 1
  }
  return `${unit === 0 ? Math.round(value) : round(value)}${COUNTS[unit]}`
}

function round(value: number): string {
  return value >= 10 ? String(Math.round(value)) : String(Math.round(value * 10) / 10)
}
