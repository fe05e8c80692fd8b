import type { ConcurrentDetach } from '@tidemark/core'
import type { Connection } from '../../connection/connection.ts'
import { sendMessage } from '../../connection/send-message.ts'
import { findRelation, quoteName } from './index-state.ts'

/** A partition and the table it belongs to, as oids. */
export interface Attachment {
  readonly partition: string
  readonly table: string
}

/**
 * Finds what a DETACH will take apart; undefined when it is not attached, or a detach of it is pending
 * already.
 */
export async function findAttachment(
  connection: Connection,
  { table, partition }: ConcurrentDetach,
): Promise<Attachment | undefined> {
  const child = await findRelation(connection, quoteName(partition))
  const parent = await findRelation(connection, quoteName(table))
  if (child === null || parent === null) return undefined
  const { rows } = await connection.query<{ partition: string; table: string }>(
    `SELECT inhrelid::pg_catalog.text AS partition, inhparent::pg_catalog.text AS "table" FROM pg_catalog.pg_inherits
     WHERE inhrelid = $1::pg_catalog.oid AND inhparent = $2::pg_catalog.oid AND NOT inhdetachpending`,
    [child, parent],
  )
  const [row] = rows
  return row && { partition: row.partition, table: row.table }
}

/**
 * Finishes a DETACH CONCURRENTLY that an earlier attempt began.
 *
 * @returns `done` when the partition is detached; `again` when nothing of it had happened.
 */
export async function settleDetach(
  connection: Connection,
  { partition, table }: Attachment,
): Promise<'done' | 'again'> {
  const { rows } = await connection.query<{ pending: boolean; finalize: string }>(
    `SELECT inhdetachpending AS pending,
       pg_catalog.format('ALTER TABLE %s DETACH PARTITION %s FINALIZE', inhparent::pg_catalog.regclass, inhrelid::pg_catalog.regclass) AS finalize
     FROM pg_catalog.pg_inherits WHERE inhrelid = $1::pg_catalog.oid AND inhparent = $2::pg_catalog.oid`,
    [partition, table],
  )
  const [row] = rows
  if (row === undefined) return 'done'
  if (!row.pending) return 'again'
  await sendMessage(connection, row.finalize)
  return 'done'
}
