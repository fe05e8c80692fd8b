import type { RunEvent } from '@tidemark/core'
import type { Connection } from '../../connection/connection.ts'

/** How far a statement is, as the server reports it. */
export type StatementProgressCounts = Pick<
  Extract<RunEvent, { readonly kind: 'statement_progress' }>,
  'phase' | 'done' | 'total' | 'unit'
>

interface ProgressRow {
  readonly phase: string | null
  readonly blocks_done: string
  readonly blocks_total: string
  readonly tuples_done: string
  readonly tuples_total: string
  readonly lockers_done: string
  readonly lockers_total: string
}

const COUNTS = ['blocks', 'tuples', 'lockers'] as const

/**
 * https://www.postgresql.org/docs/current/progress-reporting.html; the rows of other roles have no numbers.
 */
const SELECT_PROGRESS = (pid: number) => `
  SELECT phase, blocks_done, blocks_total, tuples_done, tuples_total, lockers_done, lockers_total
    FROM pg_catalog.pg_stat_progress_create_index WHERE pid = ${pid}
  UNION ALL SELECT phase, heap_blks_scanned, heap_blks_total, 0, 0, 0, 0
    FROM pg_catalog.pg_stat_progress_vacuum WHERE pid = ${pid}
  UNION ALL SELECT phase, heap_blks_scanned, heap_blks_total, 0, 0, 0, 0
    FROM pg_catalog.pg_stat_progress_cluster WHERE pid = ${pid}
  LIMIT 1`

/** Reads how far a server process is with building an index, VACUUM or CLUSTER; undefined for all else. */
export async function findStatementProgress(
  connection: Connection,
  pid: number,
): Promise<StatementProgressCounts | undefined> {
  const { rows } = await connection.query<ProgressRow>(SELECT_PROGRESS(pid))
  const [row] = rows
  if (row?.phase == null) return undefined
  const count = (unit: (typeof COUNTS)[number], what: 'done' | 'total') => Number(row[`${unit}_${what}`] ?? 0)
  const unit = COUNTS.find((one) => count(one, 'total') > count(one, 'done')) ?? 'blocks'
  return { phase: row.phase, done: count(unit, 'done'), total: count(unit, 'total'), unit }
}
