import { type MigrationBatches, parseMigration, TidemarkError } from '@tidemark/core'

/**
 * Reads `TABLE.COLUMN`, such as `app.orders.id` or `"Orders"."Id"`, as the header of a file would be read.
 *
 * @throws {TidemarkError} TM7008 when it is none.
 */
export function readBatches(text: string): MigrationBatches {
  const [, table, column] = /^(.+)\.([^."]+|"[^"]+")$/.exec(text) ?? []
  const file = `-- Batches: ${table} by ${column}\n-- @up\nDELETE FROM ${table} WHERE ${column} BETWEEN $1 AND $2;\n`
  const parsed = parseMigration({ path: '001_batches.sql', text: file })
  const batches = table !== undefined && parsed.ok ? parsed.value.migration.header.batches : undefined
  if (batches !== undefined) return batches
  throw new TidemarkError({
    code: 'TM7008',
    message: `--batches "${text}" is not a table and a column`,
    help: 'write the table, a dot, and the column by which it is walked, such as --batches orders.id',
  })
}
