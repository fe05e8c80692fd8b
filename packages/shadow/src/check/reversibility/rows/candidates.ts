import type { ColumnFacts, ConstraintFacts, Facts, TableFacts, TypeFacts } from './table-facts.ts'

/** Which texts come first: those that other types can read are for migrations that cast. */
export const ROW_STYLES = ['words', 'digits', 'json', 'uuid', 'time', 'defaults'] as const

/** One of {@link ROW_STYLES}. */
export type RowStyle = (typeof ROW_STYLES)[number]

/** Which row a value is for: rows of one table have other numbers, so that they differ. */
export interface RowPlace {
  /** From 1. */
  readonly row: number
  readonly style: RowStyle
}

/**
 * Lists values of a type, the most telling first: none is a usual default, and a change of case, of the time of
 * day or of digits after the point shows. They are written as the type reads them. For a type that is not known
 * they are guesses.
 */
export function listValues(
  facts: Facts,
  column: Pick<ColumnFacts, 'type' | 'modifier'>,
  place: RowPlace,
): readonly string[] {
  const type = facts.types.get(column.type)
  if (type === undefined) return GUESSES
  const { row } = place
  if (type.kind === 'd') {
    const modifier = type.modifier === -1 ? column.modifier : type.modifier
    return listValues(facts, { type: type.base, modifier }, place)
  }
  if (type.kind === 'e') return rotate(type.labels, row - 1)
  if (type.kind === 'c') return [`(${','.repeat(Math.max(type.attributes - 1, 0))})`]
  if (type.kind === 'r' || type.kind === 'm') return listRanges(facts, type, row)
  const known = VALUES[type.name]?.(row, column.modifier, place.style)
  if (known !== undefined) return known
  if (type.category === 'A' && type.element !== '0') {
    const inner = listValues(facts, { type: type.element, modifier: column.modifier }, place)
    return [...inner.slice(0, 3).map((value) => `{${quoteElement(value)}}`), '{}']
  }
  return type.category === 'S' ? listTexts(place, column.modifier) : GUESSES
}

/** Lists what the conditions on a column speak of: values that they allow are among them, or beside them. */
export function listNamedValues(
  { constraints, bounds, partitionColumns }: TableFacts,
  column: ColumnFacts,
  type: TypeFacts | undefined,
  row: number,
): readonly string[] {
  const conditions = [
    ...(partitionColumns.includes(column.name) ? bounds : []),
    ...constraints.filter((one) => isCheckOf(one, column.name)).map(({ definition }) => definition),
    ...(type?.checks ?? []),
  ]
  const found = [...new Set(conditions.flatMap(readLiterals))]
  const written = found.flatMap((value) => {
    if (!NUMBER.test(value)) return [value, `{${quoteElement(value)}}`, JSON.stringify(value)]
    const number = Number(value)
    const filled = number > 0 && number <= 300 ? [`${'a'.repeat(number - 1)}${row}`] : []
    return [value, String(number + row), String(number - row), ...filled]
  })
  return rotate([...new Set(written)].slice(0, 60), row - 1)
}

function isCheckOf({ kind, columns }: ConstraintFacts, column: string): boolean {
  return kind === 'c' && (columns.length === 0 || columns.includes(column))
}

/** Strings and numbers of a condition as the server writes it. */
function readLiterals(condition: string): readonly string[] {
  return [...condition.matchAll(/'((?:[^']|'')*)'|(?<![\w.])-?\d+(?:\.\d+)?/g)].map(
    ([all, text]) => text?.replaceAll("''", "'") ?? all,
  )
}

const NUMBER = /^-?\d+(?:\.\d+)?$/
const GUESSES: readonly string[] = ['1', 'a', '{}', '[1]', '(1,1)', 'POINT(1 1)', 'a=>1', '']

type Values = (row: number, modifier: number, style?: RowStyle) => readonly string[]
const two = (row: number) => String(row).padStart(2, '0')
/** Far from what migrations and sequences write; where a migration casts, small. */
const whole: Values = (row, _, style) => {
  const large = [`100000${row}`, `1000${row}`]
  const small = [`${row}`, '0', `1${row}`, `-${row}`, `10${row}`]
  return style === 'digits' ? [...small, ...large] : [...large, ...small]
}
const broken: Values = (row, _, style) => {
  const small = [`${row}.25`, `${row}`, '0', `0.${row}`, `-${row}`]
  return style === 'digits' ? small : [`100${row}.25`, ...small]
}
const date: Values = (row) => [`2026-01-${two(row)}`, `1999-01-${two(row)}`, `2099-01-${two(row)}`]
const moment: Values = (row, modifier) =>
  date(row, modifier).map((day) => `${day} 01:02:03${modifier === 0 ? '' : '.5'}`)
const clock: Values = (row) => [`${two(row)}:02:03`]
const json: Values = (row) => [`{"tm": ${row}}`, '{}', '[]', `[${row}]`, `"tm${row}"`, `${row}`]
const bits: Values = (row, modifier) => [(row % 2 === 1 ? '1' : '0').padEnd(Math.max(modifier, 1), '0')]

/** By the name of the type in `pg_type`. */
const VALUES: Readonly<Record<string, Values>> = {
  bool: (row) => (row % 2 === 1 ? ['true', 'false'] : ['false', 'true']),
  int2: whole,
  int4: whole,
  int8: whole,
  oid: whole,
  xid: whole,
  xid8: whole,
  float4: broken,
  float8: broken,
  numeric: broken,
  money: broken,
  date,
  timestamp: moment,
  timestamptz: moment,
  time: clock,
  timetz: clock,
  interval: (row) => [`${row} hours`, `${row} days`],
  json,
  jsonb: json,
  uuid: (row) => [uuid(row)],
  bytea: (row) => [`\\x746d0${row}`, `\\x${'00'.repeat(15)}0${row}`, `\\x${'00'.repeat(31)}0${row}`, '\\x'],
  bit: bits,
  varbit: bits,
  char: (row) => [`${row}`],
  inet: (row) => [`10.0.0.${row}`],
  cidr: (row) => [`10.0.0.${row}/32`],
  macaddr: (row) => [`08:00:2b:01:02:0${row}`],
  macaddr8: (row) => [`08:00:2b:01:02:03:04:0${row}`],
  point: (row) => [`(${row},${row})`],
  line: (row) => [`{1,1,${row}}`],
  lseg: (row) => [`[(0,0),(${row},1)]`],
  box: (row) => [`(${row * 10},${row * 10}),(${row * 10 + 1},${row * 10 + 1})`],
  path: (row) => [`[(0,0),(${row},1)]`],
  polygon: (row) => [`((0,0),(${row},1),(1,0))`],
  circle: (row) => [`<(${row * 10},0),1>`],
  tsvector: (row) => [`tm${row}`],
  tsquery: (row) => [`tm${row}`],
  xml: (row) => [`<tm>${row}</tm>`],
  jsonpath: () => ['$.a'],
  pg_lsn: (row) => [`0/${row}`],
  txid_snapshot: () => ['1:1:'],
  pg_snapshot: () => ['1:1:'],
  tid: (row) => [`(0,${row})`],
  int2vector: (row) => [`${row}`],
  oidvector: (row) => [`${row}`],
  regclass: () => ['pg_class', 'pg_type'],
  regtype: () => ['text', 'integer'],
  regproc: () => ['now'],
  regprocedure: () => ['now()'],
  regrole: () => ['pg_monitor'],
  regnamespace: () => ['pg_catalog'],
  ltree: (row) => [`a.b${row}`],
  lquery: (row) => [`a.b${row}`],
  hstore: (row) => [`tm=>${row}`],
  cube: (row) => [`(${row})`],
  seg: (row) => [`${row}`],
  vector: (row, modifier) => [`[${new Array(Math.max(modifier, 1)).fill(row).join(',')}]`],
  halfvec: (row, modifier) => [`[${new Array(Math.max(modifier, 1)).fill(row).join(',')}]`],
  geometry: (row) => [`SRID=4326;POINT(${row} 1)`, `POINT(${row} 1)`],
  geography: (row) => [`SRID=4326;POINT(${row} 1)`],
}

function uuid(row: number): string {
  return `7d000000-0000-4000-8000-00000000000${row}`
}

function listTexts({ row, style }: RowPlace, modifier: number): readonly string[] {
  const byStyle: Readonly<Record<RowStyle, string>> = {
    words: `Tm${row} row`,
    digits: `1${row}`,
    json: `{"tm": ${row}}`,
    uuid: uuid(row),
    time: `2026-01-${two(row)} 01:02:03`,
    defaults: `tm${row}`,
  }
  const all = [
    byStyle[style],
    `tm${row}`,
    String.fromCharCode(96 + row),
    `1${row}`,
    `tm${row}@example.org`,
    `https://example.org/${row}`,
    `/tm/${row}`,
    '',
    String.fromCharCode(64 + row).repeat(2),
    String.fromCharCode(64 + row).repeat(3),
    `tm_${row}_row`,
    `#a0b0c${row}`,
    uuid(row),
    `+1555010010${row}`,
    `2026-01-${two(row)}`,
    `{"tm": ${row}}`,
    `10.0.0.${row}`,
    `1.0.${row}`,
    row.toString().padStart(40, 'a'),
    row.toString().padStart(64, '0'),
  ]
  const length = modifier > 4 ? modifier - 4 : Number.POSITIVE_INFINITY
  return [...new Set(all.filter((text) => text.length <= length))]
}

function listRanges(facts: Facts, { subtype, kind }: TypeFacts, row: number): readonly string[] {
  const at = (place: number) =>
    listValues(facts, { type: subtype ?? '', modifier: -1 }, { row: place, style: 'words' })[0] ?? ''
  const range = `[${quoteElement(at(row * 2 - 1))},${quoteElement(at(row * 2))})`
  return kind === 'm' ? [`{${range}}`, '{}'] : [range, 'empty']
}

function quoteElement(value: string): string {
  return `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
}

function rotate<T>(list: readonly T[], by: number): readonly T[] {
  const at = list.length === 0 ? 0 : by % list.length
  return [...list.slice(at), ...list.slice(0, at)]
}
