import type { Table } from '../model/tables.ts'

const HEAD = 34
const ROW = 20
const CHARACTER = 7.25
/** More columns are counted, not shown. */
const MAX_ROWS = 24

/** How wide a table is drawn. */
export function tableWidth({ id, columns }: Table): number {
  const longest = Math.max(
    id.length * 7.4 + 60,
    ...columns
      .slice(0, MAX_ROWS)
      .map(({ name, type }) => (Math.min(name.length, 28) + Math.min(type.length, 24)) * CHARACTER + 58),
  )
  return Math.min(420, Math.max(170, longest))
}

/** How high a table is drawn. */
export function tableHeight({ columns }: Table): number {
  const rows = Math.min(columns.length, MAX_ROWS) + (columns.length > MAX_ROWS ? 1 : 0)
  return HEAD + Math.max(1, rows) * ROW + 8
}

interface TableCardProps {
  readonly table: Table
  readonly width: number
  readonly height: number
  readonly isSmall: boolean
  readonly mark: 'added' | 'changed' | undefined
}

/** A table with its columns, keys first seen by their marks. */
export function TableCard({ table, width, height, isSmall, mark }: TableCardProps) {
  const { id, kind, columns, comment, rowSecurity } = table
  const name = id.startsWith('public.') ? id.slice('public.'.length) : id
  const more = columns.length - MAX_ROWS
  return (
    <g class={`table ${mark ?? ''} ${kind === 'table' ? '' : 'view'}`}>
      <rect class="table-body" width={width} height={height} rx={8} />
      <path class="table-head" d={`M0 ${HEAD}V8a8 8 0 0 1 8-8h${width - 16}a8 8 0 0 1 8 8v${HEAD - 8}z`} />
      <text class="table-name" x={12} y={22}>
        {cut(name, Math.floor((width - 60) / 7.4))}
      </text>
      {rowSecurity === undefined ? null : (
        <text class="badge" x={width - 12} y={22}>
          RLS
        </text>
      )}
      <title>{describeTable(table)}</title>
      {isSmall ? null : (
        <>
          {columns.slice(0, MAX_ROWS).map((column, index) => (
            <g key={column.name} transform={`translate(0 ${HEAD + 4 + index * ROW})`}>
              <text class={column.isPrimary ? 'key primary' : 'key'} x={12} y={14}>
                {column.isPrimary ? '◆' : column.isForeign ? '◇' : ''}
              </text>
              <text class={column.isRequired ? 'column required' : 'column'} x={28} y={14}>
                {cut(column.name, 28)}
              </text>
              <text class="type" x={width - 12} y={14}>
                {cut(column.type, 24)}
              </text>
              {column.comment === undefined ? null : <title>{column.comment}</title>}
            </g>
          ))}
          {more > 0 ? (
            <text class="type more" x={28} y={HEAD + 18 + MAX_ROWS * ROW}>
              and {more} more
            </text>
          ) : null}
          {columns.length === 0 ? (
            <text class="type more" x={28} y={HEAD + 18}>
              no columns
            </text>
          ) : null}
        </>
      )}
      {comment === undefined ? null : <desc>{comment}</desc>}
    </g>
  )
}

function describeTable({
  id,
  kind,
  columns,
  rowSecurity,
  policies,
  indexes,
  triggers,
  comment,
}: Table): string {
  const facts = [`${kind} ${id}`, `${columns.length} columns`, `${indexes} indexes`]
  if (triggers > 0) facts.push(`${triggers} triggers`)
  if (rowSecurity !== undefined) facts.push(`row level security ${rowSecurity}, ${policies} policies`)
  if (comment !== undefined) facts.push(comment)
  return facts.join('\n')
}

function cut(text: string, room: number): string {
  return text.length <= room ? text : `${text.slice(0, room - 1)}…`
}
