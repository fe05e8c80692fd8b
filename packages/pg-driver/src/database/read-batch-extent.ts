import { type BatchExtent, formatRelationName, type MigrationBatches, readBatchKey } from '@tidemark/core'
import type { Connection } from '../connection/connection.ts'
import { readRange } from '../execute/batched/batch-bounds.ts'
import { readKey } from '../execute/batched/batch-key.ts'
import { estimateRows } from './estimate-rows.ts'

/** Reads what a walk in batches would find now; undefined where that cannot be known, such as before the table is there. */
export async function readBatchExtent(
  connection: Connection,
  batches: MigrationBatches,
): Promise<BatchExtent | undefined> {
  try {
    const key = await readKey(connection, '', batches)
    const range = await readRange(connection, key)
    const { table } = readBatchKey(batches)
    const rows = (await estimateRows(connection, [table])).get(formatRelationName(table)) ?? null
    return { rows, first: range?.lower ?? null, last: range?.upper ?? null }
  } catch {
    // A message that was refused in its middle leaves its transaction open.
    await connection.query('ROLLBACK').catch(() => undefined)
    return undefined
  }
}
