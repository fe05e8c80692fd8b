import type { RestoreJson } from '../schema/operation-schemas.ts'
import { count } from '../text/count.ts'
import type { Paint } from '../text/paint.ts'
import { presentHeading } from '../text/target.ts'
import { addTargetFlags } from '../text/target-flags.ts'

const MANNERS = { create: 'creates and fills', fill: 'fills' } as const

/** Writes what a restore will do, or has done; then what is left to do about tracking. */
export function presentRestore(
  { target, runId, done, steps }: RestoreJson,
  paint: Paint,
  targetFlags: string,
): string {
  if (done) {
    const tables = steps.flatMap((step) => step.tables)
    const next =
      'The migration records are unchanged: check them with `tidemark status`, and correct them with `tidemark mark`.'
    return `${paint.green('✓')} ${count(tables.length, 'table')} restored. ${addTargetFlags(next, targetFlags)}`
  }
  const heading = presentHeading(
    target,
    `${count(new Set(steps.map(({ file }) => file)).size, 'archive')} of the run ${runId} to restore`,
    paint.bold,
  )
  const lines = steps.map(
    ({ migrationId, tables, manner, file }, place) =>
      `  ${paint.dim(String(place + 1))}  ${MANNERS[manner]} ${tables.join(', ')}  ${paint.dim(`saved before ${migrationId}, ${file}`)}`,
  )
  return `${heading}\n\n${lines.join('\n')}\n`
}
