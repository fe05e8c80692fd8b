import type { VerifyJson } from '../schema/operation-schemas.ts'
import { count } from '../text/count.ts'
import { formatElapsed } from '../text/duration.ts'
import type { Paint } from '../text/paint.ts'
import { type Cell, presentTable } from '../text/table.ts'
import { presentHeading } from '../text/target.ts'

/** Writes what `@verify` came to, one migration a line; why one does not hold, and its query, are below. */
export function presentVerify(
  { target, migrations, counts }: VerifyJson,
  { paint, width }: { readonly paint: Paint; readonly width: number },
): string {
  const heading = presentHeading(target, `${count(migrations.length, 'migration')} applied`, paint.bold)
  if (migrations.length === 0) return heading
  const rows = migrations.map((one) => presentRow(one, paint))
  const table = presentTable(rows, { width, indent: 1 }).split('\n')
  const lines = migrations.flatMap((one, place) => [table[place] ?? '', ...presentReason(one, paint)])
  const end = `${counts.held} held, ${counts.failed} failed, ${counts.none} without @verify`
  return `${heading}\n\n${lines.join('\n')}\n\n${end}`
}

type Verified = VerifyJson['migrations'][number]

function presentRow({ id, outcome, queries, durationMs }: Verified, paint: Paint): readonly Cell[] {
  if (outcome === 'none') {
    return [
      { text: '·', paint: paint.dim },
      { text: id, paint: paint.dim },
      { text: 'no @verify', paint: paint.dim },
    ]
  }
  const failed = outcome === 'failed'
  return [
    { text: failed ? '✗' : '✓', paint: failed ? paint.red : paint.green },
    { text: id },
    { text: outcome, ...(failed ? { paint: paint.red } : {}) },
    { text: count(queries, 'query', 'queries'), paint: paint.dim },
    { text: formatElapsed(durationMs), align: 'right' },
  ]
}

function presentReason({ error, query, row }: Verified, paint: Paint): readonly string[] {
  if (error === null) return []
  const sql = query === null ? [] : query.split('\n').map((line) => paint.dim(line))
  return [error, ...sql, ...(row === null ? [] : [`row: ${row}`])].map((line) => `    ${line}`.trimEnd())
}
