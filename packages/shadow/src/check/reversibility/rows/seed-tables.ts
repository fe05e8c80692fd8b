import { quoteIdentifier } from '@tidemark/core'
import type { RowStyle } from './candidates.ts'
import type { SeedGround } from './row-slots.ts'
import { attempt, withoutForcedSecurity } from './run-query.ts'
import { seedRow } from './seed-table.ts'
import type { TableFacts } from './table-facts.ts'

/** How many rows each table gets. */
const ROWS = 2

/** A table in which no row could be made, and why. */
export interface UnseededTable {
  readonly table: string
  readonly why: string
}

/**
 * Makes a few rows in each table, what foreign keys refer to first. Tables that refer to one another in a circle
 * are tried again, in the end with their constraints deferred.
 */
export async function seedTables(ground: SeedGround, style: RowStyle): Promise<readonly UnseededTable[]> {
  const { connection, facts } = ground
  await connection.query('SET CONSTRAINTS ALL IMMEDIATE')
  let left = await seedAll(ground, inOrder(facts.tables), style)
  if (left.length > 0 && left.some(({ table }) => isInCircle(table, facts.tables))) {
    const deferred = await attempt(connection, async () => {
      await connection.query('SET CONSTRAINTS ALL DEFERRED')
      const still = await seedAll(
        ground,
        left.map(({ table }) => table),
        style,
      )
      await connection.query('SET CONSTRAINTS ALL IMMEDIATE')
      return still
    })
    if ('value' in deferred) left = deferred.value
  }
  await connection.query('SET CONSTRAINTS ALL DEFERRED')
  return left.map(({ table, why }) => ({ table: table.name, why }))
}

interface Left {
  readonly table: TableFacts
  readonly why: string
}

/** Tries each table, and those that are left again, as long as that makes a row. */
async function seedAll(
  ground: SeedGround,
  tables: readonly TableFacts[],
  style: RowStyle,
): Promise<readonly Left[]> {
  let open = tables
  for (;;) {
    const left: Left[] = []
    for (const table of open) {
      const why = await seedTable(ground, table, style)
      if (why !== null) left.push({ table, why })
    }
    if (left.length === 0 || left.length === open.length) return left
    open = left.map(({ table }) => table)
  }
}

/** Null where the table has a row, of ours or from before. */
async function seedTable(ground: SeedGround, table: TableFacts, style: RowStyle): Promise<string | null> {
  const { connection } = ground
  const make = async () => {
    for (let row = 1; row <= ROWS; row += 1) {
      const refusal = await seedRow(ground, table, { row, style })
      if (refusal !== null) return row > 1 || (await hasRows(ground, table)) ? null : refusal
    }
    return null
  }
  return withoutForcedSecurity(connection, table, async () => {
    const refusal = await make()
    if (refusal === null || !refusal.isForbidden) return refusal?.why ?? null
    const asOwner = await attempt(connection, async () => {
      await connection.query(`SET LOCAL ROLE ${quoteIdentifier(table.owner)}`)
      const still = await make()
      await connection.query('RESET ROLE')
      return still
    })
    return ('value' in asOwner ? asOwner.value : refusal)?.why ?? null
  })
}

async function hasRows({ connection }: SeedGround, { name }: TableFacts): Promise<boolean> {
  const found = await attempt(connection, () => connection.query(`SELECT 1 FROM ${name} LIMIT 1`))
  return 'value' in found && found.value.rows.length > 0
}

/** What is referred to comes before what refers to it, where that is possible. */
function inOrder(tables: readonly TableFacts[]): readonly TableFacts[] {
  const byOid = new Map(tables.map((table) => [table.oid, table]))
  const seen = new Set<TableFacts>()
  const order: TableFacts[] = []
  const visit = (table: TableFacts) => {
    if (seen.has(table)) return
    seen.add(table)
    for (const parent of listParents(table, byOid)) visit(parent)
    order.push(table)
  }
  for (const table of tables) visit(table)
  return order
}

function listParents(
  { constraints }: TableFacts,
  byOid: ReadonlyMap<string, TableFacts>,
): readonly TableFacts[] {
  return constraints.flatMap(({ parent }) => (parent === null ? [] : (byOid.get(parent) ?? [])))
}

function isInCircle(table: TableFacts, tables: readonly TableFacts[]): boolean {
  const byOid = new Map(tables.map((one) => [one.oid, one]))
  const seen = new Set<TableFacts>()
  const open = [...listParents(table, byOid)]
  for (let one = open.pop(); one !== undefined; one = open.pop()) {
    if (one === table) return true
    if (seen.has(one)) continue
    seen.add(one)
    open.push(...listParents(one, byOid))
  }
  return false
}
