import { quoteIdentifier, TidemarkError } from '@tidemark/core'
import { type RawBuilder, sql } from 'kysely'
import type { TrackingDatabase, TrackingTable } from '../../statement/tracking-tables.ts'
import { schemaOid } from './schema-oid.ts'
import { tableComment } from './table-comment.ts'
import { LAYOUT, layoutOf } from './tracking-schema.ts'

/** One answer row of {@link selectVisible}. `row` is null when the table has none. */
export interface VisibleRow {
  readonly hidden: boolean
  readonly comment: string | null
  readonly row: string | null
}

/** What {@link selectVisible} reads. */
export interface VisibleSelection<Table extends TrackingTable> {
  readonly schema: string
  readonly table: Table
  readonly columns: { readonly [Name in keyof TrackingDatabase[Table] | 'reversible']?: RawBuilder<unknown> }
  /** Columns that an older layout lacks, with what replaces them. */
  readonly older: { readonly [Column in keyof TrackingDatabase[Table]]?: RawBuilder<unknown> }
  /** SQL after FROM: WHERE, ORDER BY, LIMIT. */
  readonly rest?: RawBuilder<unknown>
}

/**
 * Builds the one query of a read: every row as JSON text, beside whether row security hides rows and which
 * layout wrote them. What is asked of the table is asked once, not once a row: OFFSET keeps it from being
 * pulled up. It needs SELECT alone. Columns that an older layout lacks are resolved one scope further out,
 * where defaults stand:
 * https://www.postgresql.org/docs/current/queries-table-expressions.html#QUERIES-LATERAL
 */
export function selectVisible<Table extends TrackingTable>(
  selection: VisibleSelection<Table>,
): RawBuilder<VisibleRow> {
  const { schema, table, columns, older, rest = sql`` } = selection
  return sql<VisibleRow>`
    select t.hidden, t.comment, r.row
    from (
      select ${rowsAreHidden()} as hidden, ${tableComment} as comment
      from pg_catalog.pg_class c
      where c.relnamespace = ${schemaOid(schema)} and c.relname = ${table}
      offset 0
    ) as t
    left join (
      select pg_catalog.row_to_json(known)::pg_catalog.text as row
      from (select ${aliased(older)}) as older,
      lateral (select ${aliased(columns)} from ${sql.id(schema, table)} ${rest}) as known
    ) as r on true`
}

function aliased(columns: { readonly [name: string]: RawBuilder<unknown> | undefined }): RawBuilder<unknown> {
  const parts = Object.entries(columns).flatMap(([name, value]) =>
    value === undefined ? [] : [sql`${value} as ${sql.id(name)}`],
  )
  return parts.length === 0 ? sql`1 as nothing` : sql.join(parts)
}

/**
 * True when row security applies to the reader and no policy shows every row, or a restrictive one may hide
 * some.
 */
export function rowsAreHidden(): RawBuilder<boolean> {
  const applies = sql`p.polrelid = c.oid and p.polcmd in ('r', '*') and exists (
    select from pg_catalog.unnest(p.polroles) as member
    where member = 0 or pg_catalog.pg_has_role(member, 'USAGE'))`
  const showsAll = sql`pg_catalog.pg_get_expr(p.polqual, p.polrelid) = 'true'`
  return sql<boolean>`(pg_catalog.row_security_active(c.oid) and (
    not exists (select from pg_catalog.pg_policy p where ${applies} and p.polpermissive and ${showsAll})
    or exists (select from pg_catalog.pg_policy p where ${applies} and not p.polpermissive and ${showsAll} is not true)))`
}

/**
 * Gives the JSON of the rows that were read. TM3003 when a newer Tidemark wrote them, TM3004 when row
 * security may hide some: never an empty result instead.
 */
export function visibleRows(answer: readonly VisibleRow[], schema: string, table: string): readonly string[] {
  const first = answer[0]
  if (first?.hidden === true) throw hiddenRows(schema, table)
  refuseNewerLayout(first?.comment ?? null, schema)
  return answer.flatMap(({ row }) => (row === null ? [] : [row]))
}

/** Throws TM3003 when a table's comment names a layout that this version does not know. */
export function refuseNewerLayout(comment: string | null, schema: string): void {
  const layout = layoutOf(comment) ?? 0
  if (layout <= LAYOUT) return
  throw new TidemarkError({
    code: 'TM3003',
    message: `the tracking tables in schema "${schema}" have layout ${layout}; this version of Tidemark knows layout ${LAYOUT}`,
    help: 'update Tidemark to at least the version that wrote them',
    details: { schema, layout, knownLayout: LAYOUT },
  })
}

/** Makes TM3004. */
export function hiddenRows(schema: string, table: string): TidemarkError {
  return new TidemarkError({
    code: 'TM3004',
    message: `row level security hides rows of "${schema}"."${table}" from this role`,
    help: `as the owner of the table: CREATE POLICY tidemark_read ON ${quoteIdentifier(schema)}.${quoteIdentifier(table)} FOR SELECT USING (true)`,
    details: { schema, table },
  })
}
