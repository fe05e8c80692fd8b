import type { Connection } from '../../connection/connection.ts'
import { sendMessage } from '../../connection/send-message.ts'
import { quoteParameter } from '../../statement/inline-parameters.ts'
import { PIN_SEARCH_PATH } from '../../statement/search-path.ts'
import type { BatchKey } from './batch-key.ts'

/** The keys of one batch, both included. */
export interface Bounds {
  readonly lower: string
  readonly upper: string
}

/** Keys as text that every session reads in the same way. */
const PLAIN_TEXT = [
  "SET LOCAL DateStyle = 'ISO, YMD'",
  "SET LOCAL IntervalStyle = 'iso_8601'",
  "SET LOCAL TimeZone = 'UTC'",
  'SET LOCAL extra_float_digits = 1',
  "SET LOCAL bytea_output = 'hex'",
]

/** Reads the smallest and the largest key; undefined of an empty table. */
export async function readRange(connection: Connection, key: BatchKey): Promise<Bounds | undefined> {
  const [row] = await readKeys(
    connection,
    `SELECT (${keyOf(key, '', 'ASC')})::pg_catalog.text AS lower, (${keyOf(key, '', 'DESC')})::pg_catalog.text AS upper`,
  )
  return toBounds(row)
}

/**
 * Asks the index for the next batch: it begins at the smallest key behind the cursor, and ends `size` rows
 * later, or at `last`. Undefined when there is none.
 */
export async function readNext(
  connection: Connection,
  key: BatchKey,
  walk: { readonly cursor: string | undefined; readonly last: string; readonly size: number },
): Promise<Bounds | undefined> {
  const { cursor, last, size } = walk
  const end = literal(key, last)
  const behind = cursor === undefined ? '' : `${key.column} ${key.greater} ${literal(key, cursor)} AND `
  // NOT (key > last): the one operator that is known.
  const where = `WHERE ${behind}NOT (${key.column} ${key.greater} ${end})`
  const [row] = await readKeys(
    connection,
    `SELECT (${keyOf(key, where, 'ASC')})::pg_catalog.text AS lower,
      COALESCE((${keyOf(key, where, 'ASC', size - 1)}), ${end})::pg_catalog.text AS upper`,
  )
  return toBounds(row)
}

/** Reads the largest key behind what was the largest when the walk began; undefined when nothing came. */
export async function readLater(
  connection: Connection,
  key: BatchKey,
  last: string,
): Promise<string | undefined> {
  const where = `WHERE ${key.column} ${key.greater} ${literal(key, last)}`
  const [row] = await readKeys(
    connection,
    `SELECT (${keyOf(key, where, 'DESC')})::pg_catalog.text AS lower, NULL AS upper`,
  )
  const lower = row?.['lower']
  return typeof lower === 'string' ? lower : undefined
}

function literal({ type }: BatchKey, text: string): string {
  return `CAST(${quoteParameter(text)} AS ${type})`
}

function keyOf({ relation, column }: BatchKey, where: string, order: 'ASC' | 'DESC', offset = 0): string {
  const filter = where === '' ? `WHERE ${column} IS NOT NULL` : where
  return `SELECT ${column} FROM ${relation} ${filter} ORDER BY ${column} ${order} LIMIT 1${offset === 0 ? '' : ` OFFSET ${offset}`}`
}

async function readKeys(connection: Connection, select: string): Promise<readonly Record<string, unknown>[]> {
  const message = ['BEGIN READ ONLY', PIN_SEARCH_PATH, ...PLAIN_TEXT, select, 'COMMIT'].join(';\n')
  const answers = await sendMessage(connection, message)
  return answers.at(-2)?.rows ?? []
}

function toBounds(row: Record<string, unknown> | undefined): Bounds | undefined {
  const lower = row?.['lower']
  const upper = row?.['upper']
  return typeof lower === 'string' && typeof upper === 'string' ? { lower, upper } : undefined
}
