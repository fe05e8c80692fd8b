import { maskSecrets } from '@tidemark/core'
import type { PlanJson } from '../schema/run-schemas.ts'
import { count } from '../text/count.ts'
import { formatMoment } from '../text/duration.ts'
import { listFew } from '../text/few.ts'
import type { Paint } from '../text/paint.ts'
import { presentShare } from '../text/progress.ts'
import { type Cell, presentTable } from '../text/table.ts'
import { presentHeading } from '../text/target.ts'
import { wrapText } from '../text/wrap-text.ts'

/** How {@link presentPlan} writes. */
export interface PlanView {
  readonly paint: Paint
  readonly width: number
  /** The command that would execute the plan, with its target flags. */
  readonly command: string
}

/** Writes a plan: the target, each step with why it is there and what to know of it, and what executes it. */
export function presentPlan(plan: PlanJson, view: PlanView): string {
  const isEmpty = plan.steps.length + plan.leftOut.length === 0
  const extent = plan.refused && isEmpty ? 'refused' : presentExtent(plan)
  const lines = [presentHeading(plan.target, extent, view.paint.bold)]
  if (plan.steps.length > 0) lines.push('', presentSteps(plan.steps, view))
  const closing = presentClosing(plan, view)
  if (closing !== '') lines.push('', closing)
  return wrapText(lines.join('\n'), view.width)
}

/** What {@link presentExtent} counts. */
export interface PlanExtent extends Pick<PlanJson, 'direction' | 'total'> {
  readonly steps: readonly Pick<PlanJson['steps'][number], 'action'>[]
  readonly leftOut: readonly string[]
}

/** How much there is to do, such as `3 pending of 41`. */
export function presentExtent(plan: PlanExtent): string {
  const special = EXTENTS.flatMap(([words, actions]) => {
    const number = plan.steps.filter(({ action }) => actions.includes(action)).length
    return number === 0 ? [] : `${number} ${words}`
  })
  const applied = plan.steps.filter(({ action }) => action === 'apply' || action === 'verify').length
  if (special.length > 0) return [...special, ...(applied === 0 ? [] : [`${applied} to apply`])].join(', ')
  if (plan.direction === 'down') return 'nothing to roll back'
  const pending = plan.steps.length + plan.leftOut.length
  return pending === 0
    ? `${plan.total} of ${plan.total} applied, nothing pending`
    : `${pending} pending of ${plan.total}`
}

const EXTENTS: readonly (readonly [words: string, actions: readonly string[]])[] = [
  ['to roll back', ['roll_back']],
  ['to mark as not applied', ['unrecord:pending', 'unrecord:rolled_back']],
  ['to record as applied', ['record:mark', 'record:baseline']],
  ['to store as the file is now', ['record:repair']],
]

function presentSteps(steps: PlanJson['steps'], view: PlanView): string {
  const numberWidth = String(steps.length).length
  const rows = steps.map((step, index) => presentRow(step, String(index + 1).padStart(numberWidth), view))
  const lines = presentTable(rows, view).split('\n')
  return steps
    .map((step, index) => [lines[index], ...presentBelow(step, numberWidth, view)].join('\n'))
    .join('\n')
}

function presentRow(step: PlanJson['steps'][number], number: string, { paint }: PlanView): readonly Cell[] {
  const notes = [
    ...(ACTIONS[step.action] === undefined
      ? [step.reason ?? '']
      : [step.reason ?? '', ACTIONS[step.action] ?? '']),
    presentApplied(step),
    step.after.length === 0 ? '' : `after ${step.after.join(', ')}`,
    step.transaction === 'none' ? 'no transaction' : '',
  ].filter((note) => note !== '')
  return [
    { text: number, paint: paint.dim },
    { text: step.id },
    { text: notes.join('   '), paint: paint.dim },
  ]
}

/** Which run applied what is rolled back, when, and who: the id is long enough to be taken by `--run`. */
function presentApplied({ applied }: PlanJson['steps'][number]): string {
  if (applied === undefined) return ''
  const { at, how, runId, executedBy } = applied
  const did = how === 'recorded' ? 'recorded without being executed' : 'applied'
  const by = executedBy === null ? '' : ` by ${executedBy}`
  return `${did} ${formatMoment(new Date(at))}${by}${runId === null ? '' : ` in run ${runId.slice(0, 8)}`}`
}

/** The SQL of a step and what to know of it. */
function presentBelow(
  { action, sql, down, remarks, batches }: PlanJson['steps'][number],
  indent: number,
  { paint }: PlanView,
): readonly string[] {
  return [
    ...(sql === null ? [] : presentSql(sql, indent, paint)),
    ...(batches === undefined ? [] : [presentBatches(batches, indent, paint)]),
    ...presentDown(action === 'roll_back' ? 'checked' : 'its @down was checked', down, { indent, paint }),
    ...remarks
      .filter(({ kind }) => kind === 'destructive' || kind === 'strong_lock')
      .map((remark) => presentRemark(remark, indent, paint)),
  ]
}

/** What is walked: rows and keys as they are now, and how many batches that makes. */
function presentBatches(
  { table, column, size, rows, first, last, count: number, progress }: Batches,
  indent: number,
  paint: Paint,
): string {
  const facts = [
    `in batches of ${table} by ${column}`,
    ...(first === null || last === null ? [] : [`${column} from ${brief(first)} to ${brief(last)}`]),
    ...(rows === null ? [] : [`about ${count(rows, 'row')}`]),
    ...(size === null ? [] : [`${count(size, 'row')} each`]),
    ...(number === null ? [] : [`about ${number} ${number === 1 ? 'batch' : 'batches'}`]),
    ...(progress === null ? [] : [`${presentShare(progress)} done`]),
  ]
  return `${' '.repeat(indent + 4)}${paint.cyan('·')} ${facts.join(', ')}`
}

type Batches = NonNullable<PlanJson['steps'][number]['batches']>

function brief(key: string): string {
  return maskSecrets(key.length > 40 ? `${key.slice(0, 39)}…` : key)
}

/** What a check showed, with what does not come back. */
function presentDown(
  subject: string,
  down: PlanJson['steps'][number]['down'],
  { indent, paint }: { readonly indent: number; readonly paint: Paint },
): readonly string[] {
  if (down == null) return []
  const { verdict, details } = down
  const isRight = verdict === 'exact' || verdict === 'column_order'
  const mark = isRight ? paint.cyan('·') : paint.yellow('!')
  const space = ' '.repeat(indent + 4)
  return [
    `${space}${mark} ${subject}: ${VERDICTS[verdict]}`,
    ...details.map((detail) => `${space}    ${detail}`),
  ]
}

const VERDICTS = {
  exact: 'it brings back the schema and the rows',
  column_order: 'it brings back the schema and the rows, with columns in another order',
  differs: 'it brings back another schema',
  loses_data: 'it loses data',
  down_fails: 'it fails',
} as const

const ACTIONS: Readonly<Record<string, string>> = {
  verify: 'verify only: its statements are done',
  'record:squash': 'recorded without executing: what it replaces is applied',
  'record:mark': 'recorded without executing',
  'record:baseline': 'recorded without executing',
  'record:repair': 'recorded without executing',
  'unrecord:pending': 'recorded without executing',
  'unrecord:rolled_back': 'recorded without executing',
}

function presentRemark(
  { kind, words, line, rows }: PlanJson['steps'][number]['remarks'][number],
  indent: number,
  paint: Paint,
): string {
  const mark = kind === 'strong_lock' ? paint.cyan('·') : paint.yellow('!')
  const place = line === null ? '' : paint.dim(`  line ${line}`)
  const loss = rows === undefined ? '' : `, about ${count(rows, 'row')}`
  return `${' '.repeat(indent + 4)}${mark} ${words}${loss}${place}`
}

function presentClosing(plan: PlanJson, { command, paint }: PlanView): string {
  const destructive = plan.steps
    .flatMap(({ remarks }) => remarks)
    .filter(({ kind }) => kind === 'destructive').length
  const lines: string[] = []
  if (plan.direction === 'up' && plan.leftOut.length > 0)
    lines.push(`Not included: ${listFew(plan.leftOut)}.`)
  if (plan.stays !== undefined) {
    lines.push(
      plan.stays === 0
        ? 'No other migration stays applied.'
        : `${count(plan.stays, 'other migration')} ${plan.stays === 1 ? 'stays' : 'stay'} applied.`,
    )
  }
  const unchecked = plan.steps.flatMap(({ id, action, down }) =>
    action === 'roll_back' && down === null ? [id] : [],
  )
  if (unchecked.length > 0)
    lines.push(
      `Never checked what ${unchecked.length === 1 ? 'this brings' : 'these bring'} back: ${listFew(unchecked)}.`,
    )
  if (plan.direction === 'up' && destructive > 0) {
    lines.push(
      `${paint.yellow('!')} ${count(destructive, 'statement')} ${destructive === 1 ? 'destroys' : 'destroy'} data or objects.`,
    )
  }
  if (takesStrongLocks(plan)) lines.push(STATIC_LOCKS)
  lines.push(...presentOpenTables(plan, paint))
  if (plan.refused) lines.push('This plan is refused, for the problems above.')
  else if (plan.steps.length > 0 && command !== '')
    lines.push(`Nothing was changed. Execute it with \`${command}\`.`)
  return lines.join('\n')
}

function takesStrongLocks(plan: PlanJson): boolean {
  return plan.steps.some(({ remarks }) => remarks.some(({ kind }) => kind === 'strong_lock'))
}

/** Said once for all tables, and how to turn it off. */
function presentOpenTables({ steps }: PlanJson, paint: Paint): readonly string[] {
  const open = steps.flatMap(({ id, remarks }) =>
    remarks.some(({ kind }) => kind === 'no_row_security') ? [id] : [],
  )
  if (open.length === 0) return []
  return [
    `${paint.yellow('!')} Tables without row level security, in a schema that an API serves: created by ${listFew(open)}. (\`exposedSchemas\`: \`[]\` in the configuration turns this remark off.)`,
  ]
}

const STATIC_LOCKS = 'Locks are read from the text; triggers, functions, partitions can add more.'

const SQL_LINES = 12

function presentSql(sql: string, indent: number, paint: Paint): readonly string[] {
  const lines = maskSecrets(sql).split('\n')
  const shown =
    lines.length > SQL_LINES
      ? [...lines.slice(0, SQL_LINES - 1), `… ${lines.length - SQL_LINES + 1} more lines`]
      : lines
  return shown.map((line) => `${' '.repeat(indent + 4)}${paint.dim(line)}`.trimEnd())
}
