import { quoteIdentifier } from '@tidemark/core'
import type { Connection } from '../connection/connection.ts'
import { type Aside, compareRows, putAside } from './fill-table.ts'
import type { OpenArchive } from './open-archives.ts'
import { type ReadItem, readArchive } from './read-archive.ts'
import { quoteTable, readColumnsNow, type TableState } from './table-state.ts'

/**
 * Reads what is in the place of each saved table; of one that is there with the same columns, the saved rows are
 * put beside it and compared.
 *
 * @param first how many are beside their tables already.
 */
export async function readStates(
  connection: Connection,
  { path, tables, renamed }: OpenArchive,
  first: number,
): Promise<{ readonly states: readonly TableState[]; readonly asides: readonly Aside[] }> {
  const states: TableState[] = []
  const asides: Aside[] = []
  let relation: Extract<ReadItem, { item: 'relation' }> | undefined
  const ours = new Map(tables.map((table) => [quoteTable(table), table]))
  await readArchive(path, async (item, rows) => {
    if (item.item === 'relation') {
      relation = { ...item, ...renamed.get(quoteTable(item)) }
      const table = ours.get(quoteTable(relation))
      if (table === undefined) return
      const columns = await readColumnsNow(connection, table)
      states.push({ table, columns, rows: 'none' })
    }
    const state = states.at(-1)
    if (item.item !== 'rows' || relation === undefined || state?.columns == null) return
    const { table } = state
    if (quoteTable(table) !== quoteTable(relation) || !hasSameColumns(state)) return
    const columns = relation.columns.flatMap(({ name, generated }) =>
      generated ? [] : [quoteIdentifier(name)],
    )
    const aside = { table, name: `pg_temp.tidemark_saved_${first + asides.length}`, columns }
    await putAside(connection, aside, rows)
    asides.push(aside)
    states.splice(-1, 1, { ...state, rows: await compareRows(connection, aside) })
  })
  return { states, asides }
}

function hasSameColumns({ table, columns }: TableState): boolean {
  return [...table.columns].sort().join('\n') === [...(columns ?? [])].sort().join('\n')
}
