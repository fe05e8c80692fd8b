import type { Connection } from '@tidemark/pg-driver/engine'

/** What a transaction touched, by oid; a partition stands for the table that it is part of. */
export interface TouchedTables {
  readonly touched: readonly string[]
  /** Those whose rows it may have changed: the others were only read, or referred to. */
  readonly changed: ReadonlySet<string>
}

/** Tells by the locks of the transaction that is open which tables it touched, those included that are gone. */
export async function listLocks(connection: Connection): Promise<readonly HeldLock[]> {
  const { rows } = await connection.query<HeldLock>(
    `SELECT relation::text AS oid, mode FROM pg_locks
     WHERE pid = pg_backend_pid() AND locktype = 'relation' AND relation >= 16384`,
  )
  return rows
}

/** A lock on a relation. */
export interface HeldLock {
  readonly oid: string
  readonly mode: string
}

/** Tells which of the relations that were locked are tables that are there now. */
export async function toTouched(connection: Connection, locks: readonly HeldLock[]): Promise<TouchedTables> {
  const list = ['0', ...new Set(locks.map(({ oid }) => oid))].join(', ')
  const { rows } = await connection.query<{ oid: string; root: string }>(
    `SELECT oid::text AS oid, coalesce(pg_partition_root(oid)::oid, oid)::text AS root
     FROM pg_class WHERE oid IN (${list}) AND relkind IN ('r', 'p')`,
  )
  const changing = new Set(locks.filter(({ mode }) => CHANGING.has(mode)).map(({ oid }) => oid))
  return {
    touched: [...new Set(rows.map(({ root }) => root))],
    changed: new Set(rows.filter(({ oid }) => changing.has(oid)).map(({ root }) => root)),
  }
}

const CHANGING: ReadonlySet<string> = new Set(['RowExclusiveLock', 'AccessExclusiveLock'])
