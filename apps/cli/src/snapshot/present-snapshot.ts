import type { SnapshotJson } from '../schema/shadow-schemas.ts'
import { count } from '../text/count.ts'
import type { Paint } from '../text/paint.ts'

/** Writes what became of a snapshot's file; without a file, the snapshot itself. */
export function presentSnapshot({ out, state, shadow, sql }: SnapshotJson, paint: Paint): string {
  if (out === null) return sql
  const what = `${count(shadow.applied, 'migration')} on PostgreSQL ${Number.parseInt(shadow.version, 10)}`
  return `${paint.green('✓')} ${out}  ${what}${state === 'unchanged' ? ', up to date' : ''}`
}
