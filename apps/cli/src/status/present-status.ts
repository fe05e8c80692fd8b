import { presentHeads } from '../project/present-heads.ts'
import type { StatusJson } from '../schema/run-schemas.ts'
import { count } from '../text/count.ts'
import { formatElapsed, formatMoment } from '../text/duration.ts'
import type { Paint } from '../text/paint.ts'
import { presentLockHolder } from '../text/present-lock-holder.ts'
import { presentShare } from '../text/progress.ts'
import { type Cell, presentTable } from '../text/table.ts'
import { presentHeading } from '../text/target.ts'
import { wrapText } from '../text/wrap-text.ts'

type Entry = StatusJson['migrations'][number]

const MARKS = {
  applied: '✓',
  older: '✓',
  changed: '!',
  orphaned: '?',
  failed: '✗',
  running: '…',
  half_rolled_back: '✗',
  pending: '·',
  elsewhere: '-',
} as const satisfies Record<Entry['state'], string>

const WORDS = {
  applied: 'applied',
  older: 'applied (older file)',
  changed: 'changed',
  orphaned: 'orphaned (no file)',
  failed: 'failed (pending)',
  running: 'unfinished (pending)',
  half_rolled_back: 'partly rolled back',
  pending: 'pending',
  elsewhere: 'for other environments',
} as const satisfies Record<Entry['state'], string>

/** Writes the status: the target, one line a migration, heads and a summary. */
export function presentStatus(status: StatusJson, { paint, width }: { paint: Paint; width: number }): string {
  const files = status.migrations.filter(({ path, state }) => path !== null && state !== 'elsewhere').length
  const colours = {
    '✓': paint.green,
    '!': paint.yellow,
    '?': paint.yellow,
    '✗': paint.red,
    '…': paint.yellow,
    '·': paint.dim,
    '-': paint.dim,
  }
  const rows = status.migrations.map((entry): readonly Cell[] => [
    { text: MARKS[entry.state], paint: colours[MARKS[entry.state]] },
    { text: entry.id },
    { text: `${wordsFor(entry, status)}${shareOf(entry)}${entry.blocking ? '' : ', not blocking'}` },
    { text: entry.appliedAt === null ? '' : formatMoment(new Date(entry.appliedAt)), paint: paint.dim },
    {
      text: entry.executionTimeMs === null ? '' : formatElapsed(entry.executionTimeMs),
      align: 'right',
      paint: paint.dim,
    },
  ])
  const lines = [
    presentHeading(status.target, count(files, 'migration'), paint.bold),
    ...(rows.length === 0
      ? []
      : [
          '',
          withErrors(presentTable(rows, { width, indent: 1, optional: [3, 4] }), status.migrations, paint),
        ]),
    '',
    ...(status.runner === null
      ? []
      : [`${paint.yellow('…')} a run is under way: ${presentRunner(status.runner)}`]),
    presentSummary(status),
  ]
  return wrapText(lines.join('\n'), width)
}

function wordsFor({ state }: Entry, { runner }: StatusJson): string {
  return state === 'running' && runner !== null ? 'running (pending)' : WORDS[state]
}

function shareOf({ progress }: Entry): string {
  return progress === undefined ? '' : `, ${presentShare(progress)}`
}

function presentRunner({ since, statement, ...runner }: NonNullable<StatusJson['runner']>): string {
  return presentLockHolder({ ...runner, since: since === null ? null : new Date(since), query: statement })
}

// An error gets a line of its own: a column for it would squeeze all others.
function withErrors(table: string, entries: readonly Entry[], paint: Paint): string {
  if (entries.every(({ error }) => error === null)) return table
  return table
    .split('\n')
    .flatMap((line, index) => {
      const error = entries[index]?.error?.split('\n', 1)[0]
      return error === undefined ? [line] : [line, `    ${paint.dim(error)}`]
    })
    .join('\n')
}

function presentSummary({ counts, heads }: StatusJson): string {
  const parts = [
    `${counts.applied} applied`,
    `${counts.pending} pending`,
    ...(counts.changed === 0 ? [] : [`${counts.changed} changed`]),
    ...(counts.orphaned === 0 ? [] : [`${counts.orphaned} orphaned`]),
    ...(counts.elsewhere === 0 ? [] : [`${counts.elsewhere} for other environments`]),
  ]
  const ends = presentHeads(heads)
  return `${parts.join(', ')}${ends}`
}
