import type { DoctorJson } from '../schema/setup-schemas.ts'
import { count } from '../text/count.ts'
import type { Paint } from '../text/paint.ts'
import { presentTable } from '../text/table.ts'
import { presentTarget } from '../text/target.ts'
import { addTargetFlags } from '../text/target-flags.ts'
import { wrapText } from '../text/wrap-text.ts'

type Check = DoctorJson['checks'][number]

const MARKS = { ok: '✓', note: '·', warning: '!', problem: '✗' } as const satisfies Record<
  Check['state'],
  string
>

/** How {@link presentDoctor} writes. */
export interface DoctorView {
  readonly paint: Paint
  readonly width: number
  /** What suggested commands repeat. */
  readonly targetFlags: string
}

/** Writes one line a check with its help below, every setting with its source, and the verdict. */
export function presentDoctor(report: DoctorJson, view: DoctorView): string {
  const { paint, width } = view
  const target = report.target === null ? 'no database' : presentTarget(report.target)
  const settings = report.settings.map(({ key, value, source }) => [
    { text: key },
    { text: value },
    { text: source, paint: paint.dim },
  ])
  const lines = [
    `${paint.bold('tidemark doctor')}  ${target}`,
    '',
    ...report.checks.flatMap((check) => presentCheck(check, view)),
    '',
    'Settings',
    presentTable(settings, { width, indent: 1, flexible: 1 }),
    '',
    presentVerdict(report.checks),
  ]
  return wrapText(lines.join('\n'), width)
}

function presentCheck({ area, state, message, help, code }: Check, view: DoctorView): readonly string[] {
  const { paint, targetFlags } = view
  const colours = { ok: paint.green, note: paint.dim, warning: paint.yellow, problem: paint.red }
  const name = code === null ? '' : `${code} `
  const line = ` ${colours[state](MARKS[state])} ${area.padEnd(13)} ${name}${message}`
  if (help === null) return [line]
  return [line, `   ${' '.repeat(13)} ${paint.cyan('help')}: ${addTargetFlags(help, targetFlags)}`]
}

function presentVerdict(checks: readonly Check[]): string {
  const number = (state: Check['state']) => checks.filter((check) => check.state === state).length
  const problems = number('problem')
  const warnings = number('warning')
  const parts = [
    ...(problems === 0 ? [] : [count(problems, 'problem')]),
    ...(warnings === 0 ? [] : [count(warnings, 'warning')]),
  ]
  return parts.length === 0 ? 'no problem found' : parts.join(', ')
}
