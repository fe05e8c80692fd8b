import { quoteIdentifier } from '@tidemark/core'
import type { Connection } from '@tidemark/pg-driver/engine'
import { listNamedValues, listValues, type RowPlace } from './candidates.ts'
import { attempt, quoteText } from './run-query.ts'
import type { ColumnFacts, ConstraintFacts, Facts, TableFacts } from './table-facts.ts'

/** The value of a column as it is written into an INSERT: a quoted text, `NULL` or `DEFAULT`. */
export type Cell = string

/** Columns that get their values together, and the values to try, the best first. */
export interface Slot {
  readonly columns: readonly string[]
  readonly choices: readonly (readonly Cell[])[]
}

/** Where rows are made. */
export interface SeedGround {
  readonly connection: Connection
  readonly facts: Facts
  /** Values that a type accepts, by type and values: they are asked for once. */
  readonly accepted: Map<string, readonly string[]>
}

/** Lists what each column of a row may be: what foreign keys refer to, then values of the type. */
export async function listSlots(
  ground: SeedGround,
  table: TableFacts,
  place: RowPlace,
): Promise<readonly Slot[]> {
  const slots: Slot[] = []
  const taken = new Map<string, Cell>()
  for (const key of listForeignKeys(table)) {
    const slot = await slotOfForeignKey(ground, { table, key, taken }, place)
    if (slot === undefined) continue
    slots.push(slot)
    for (const [at, column] of slot.columns.entries()) taken.set(column, slot.choices[0]?.[at] ?? 'NULL')
  }
  for (const column of table.columns) {
    if (column.generated || taken.has(column.name)) continue
    const choices = await listCells(ground, table, column, place)
    slots.push({ columns: [column.name], choices: choices.map((cell) => [cell]) })
  }
  return slots
}

/** The widest first: narrower ones are part of them more often than not. */
function listForeignKeys({ constraints }: TableFacts): readonly ConstraintFacts[] {
  const seen = new Set<string>()
  return constraints
    .filter(({ kind, columns, parent, parentColumns }) => {
      const key = JSON.stringify([columns, parent, parentColumns])
      if (kind !== 'f' || seen.has(key)) return false
      seen.add(key)
      return true
    })
    .sort((a, b) => b.columns.length - a.columns.length)
}

interface ForeignKeySlot {
  readonly table: TableFacts
  readonly key: ConstraintFacts
  /** What wider foreign keys already say. */
  readonly taken: ReadonlyMap<string, Cell>
}

const REFERRED = 4

async function slotOfForeignKey(
  { connection, facts }: SeedGround,
  { table, key, taken }: ForeignKeySlot,
  place: RowPlace,
): Promise<Slot | undefined> {
  const parent = facts.tables.find(({ oid }) => oid === key.parent)
  const pairs = key.columns.flatMap((column, at) => {
    const referred = key.parentColumns[at]
    return column === null || referred === undefined ? [] : [{ column, referred }]
  })
  const open = pairs.filter(({ column }) => !taken.has(column))
  if (parent === undefined || open.length === 0) return undefined
  const fixed = pairs.flatMap(({ column, referred }) => {
    const cell = taken.get(column)
    return cell === undefined || cell === 'NULL' ? [] : [`${quoteIdentifier(referred)}::text = ${cell}`]
  })
  const where = [...fixed, ...open.map(({ referred }) => `${quoteIdentifier(referred)} IS NOT NULL`)]
  const list = open.map(({ referred }) => `${quoteIdentifier(referred)}::text`).join(', ')
  const found = await attempt(connection, () =>
    connection.query<{ cells: readonly string[] | string }>(
      `SELECT DISTINCT to_json(ARRAY[${list}])::text AS cells FROM ${parent.name} WHERE ${where.join(' AND ')} ORDER BY 1 LIMIT ${REFERRED}`,
    ),
  )
  const rows = 'value' in found ? found.value.rows.map(({ cells }) => readCells(cells)) : []
  const at = rows.length === 0 ? 0 : (place.row - 1) % rows.length
  const isNullable = (name: string) => table.columns.some((one) => one.name === name && !one.notNull)
  const predicted = open.map(({ referred }) => predictCell(facts, parent, referred, place))
  const empty = open.map(({ column }, index) => (isNullable(column) ? 'NULL' : (predicted[index] ?? 'NULL')))
  return {
    columns: open.map(({ column }) => column),
    choices: [...rows.slice(at), ...rows.slice(0, at), empty, predicted],
  }
}

function readCells(cells: readonly string[] | string): readonly Cell[] {
  const list: readonly string[] = typeof cells === 'string' ? JSON.parse(cells) : cells
  return list.map(quoteText)
}

const DEPTH = 6

/** What the same row of another table will most likely have in a column: for foreign keys in a circle. */
function predictCell(facts: Facts, table: TableFacts, name: string, place: RowPlace, depth = 0): Cell {
  const column = table.columns.find((one) => one.name === name)
  if (column === undefined || depth > DEPTH) return 'NULL'
  const key = listForeignKeys(table).find(({ columns }) => columns.includes(name))
  const parent = facts.tables.find(({ oid }) => oid === key?.parent)
  const referred = key?.parentColumns[key.columns.indexOf(name)]
  if (parent !== undefined && referred !== undefined && parent !== table)
    return predictCell(facts, parent, referred, place, depth + 1)
  const [value] = listValues(facts, column, place)
  return value === undefined ? 'NULL' : quoteText(value)
}

async function listCells(
  ground: SeedGround,
  table: TableFacts,
  column: ColumnFacts,
  place: RowPlace,
): Promise<readonly Cell[]> {
  const { facts } = ground
  const type = facts.types.get(column.type)
  const own = await keepAccepted(ground, column, listValues(facts, column, place))
  const named = await keepAccepted(ground, column, listNamedValues(table, column, type, place.row))
  const texts = [...own.slice(0, 1), ...named.slice(0, 2)].map(quoteText)
  const empty = [...(column.notNull ? [] : ['NULL']), ...(column.hasDefault ? ['DEFAULT'] : [])]
  const rest = [...named.slice(2), ...own.slice(1)].map(quoteText)
  const first = place.style === 'defaults' && column.hasDefault ? ['DEFAULT'] : []
  const cells = [...new Set([...first, ...texts, ...empty, ...rest])]
  // A domain may be its own default, or give a value where there is none.
  return cells.length === 0 ? ['DEFAULT'] : cells
}

/** Leaves out what the type, or the check of a domain, does not accept. */
async function keepAccepted(
  { connection, accepted }: SeedGround,
  { written }: ColumnFacts,
  values: readonly string[],
): Promise<readonly string[]> {
  if (values.length === 0) return []
  const key = JSON.stringify([written, values])
  const known = accepted.get(key)
  if (known !== undefined) return known
  const accepts = async (some: readonly string[]) => {
    const casts = some.map((value) => `CAST(${quoteText(value)} AS ${written}) IS NULL`)
    const tried = await attempt(connection, () => connection.query(`SELECT ${casts.join(', ')}`))
    return 'value' in tried
  }
  const kept: string[] = []
  if (await accepts(values)) kept.push(...values)
  else for (const value of values) if (await accepts([value])) kept.push(value)
  accepted.set(key, kept)
  return kept
}
