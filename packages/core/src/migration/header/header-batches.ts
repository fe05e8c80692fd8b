import { diagnose } from '../../diagnostic/diagnose.ts'
import type { Diagnostic } from '../../diagnostic/diagnostic.ts'
import { type RelationName, unquoteName } from '../../sql/facts/relation-name.ts'
import { TokenCursor } from '../../sql/facts/token-cursor.ts'
import type { SourceFile } from '../../text/source-file.ts'
import type { MigrationBatches } from '../model/migration.ts'
import { formatDuration, parseDuration } from './duration.ts'
import type { HeaderEntry } from './header-entries.ts'

const NAME = String.raw`(?:[\p{L}_][\p{L}\p{N}_$]*|"(?:[^"]|"")+")`
const VALUE = new RegExp(
  String.raw`^(?<table>${NAME}(?:\.${NAME})?)\s+by\s+(?<column>${NAME})(?<options>(?:\s*,\s*[A-Za-z]+\s+[^\s,]+)*)\s*$`,
  'iu',
)
const HELP =
  'write "-- Batches: orders by id", perhaps with ", size 5000" (rows, 1 to 1000000) and ", pause 200ms"'
const LARGEST_SIZE = 1_000_000

/** Reads `TABLE by COLUMN[, size N][, pause TIME]`: TM1007 for anything else. */
export function readHeaderBatches(
  source: SourceFile,
  { key, value: [span] }: HeaderEntry,
): { readonly batches: MigrationBatches | undefined; readonly diagnostics: readonly Diagnostic[] } {
  const written = source.text.slice(span.start, span.end)
  const batches = parseBatches(written)
  if (batches !== undefined) return { batches, diagnostics: [] }
  const message =
    written === '' ? 'no table after "Batches:"' : `"${written}" is not a valid value of "Batches"`
  const place = written === '' ? key : span
  return { batches, diagnostics: [diagnose(source, { code: 'TM1007', span: place, message, help: HELP })] }
}

function parseBatches(written: string): MigrationBatches | undefined {
  const { table, column, options = '' } = VALUE.exec(written)?.groups ?? {}
  if (table === undefined || column === undefined) return undefined
  const given = [...options.matchAll(/([A-Za-z]+)\s+([^\s,]+)/g)].map(
    ([, name = '', value = '']): [string, number | undefined] => [
      name.toLowerCase(),
      readOption(name, value),
    ],
  )
  const known = new Map(given)
  if (known.size < given.length || given.some(([, value]) => value === undefined)) return undefined
  return { table, column, size: known.get('size') ?? null, pauseMs: known.get('pause') ?? null }
}

function readOption(name: string, value: string): number | undefined {
  if (name.toLowerCase() === 'pause') return parseDuration(value)
  if (name.toLowerCase() !== 'size' || !/^\d{1,7}$/.test(value)) return undefined
  const size = Number(value)
  return size >= 1 && size <= LARGEST_SIZE ? size : undefined
}

/**
 * Gives table and column of `Batches` as the catalogs have them.
 *
 * @example readBatchKey({ table: 'app."Order"', column: 'Id' }).column // 'id'
 */
export function readBatchKey({ table, column }: Pick<MigrationBatches, 'table' | 'column'>): {
  readonly table: RelationName
  readonly column: string
} {
  const name = new TokenCursor(table, { start: 0, end: table.length }).readName()
  return { table: name ?? { name: table }, column: unquoteName(column) }
}

/**
 * Writes what {@link readHeaderBatches} reads.
 *
 * @example formatBatches({ table: 'orders', column: 'id', size: 500, pauseMs: null }) // 'orders by id, size 500'
 */
export function formatBatches({ table, column, size, pauseMs }: MigrationBatches): string {
  const options = [
    ...(size === null ? [] : [`, size ${size}`]),
    ...(pauseMs === null ? [] : [`, pause ${formatDuration(pauseMs)}`]),
  ]
  return `${table} by ${column}${options.join('')}`
}
