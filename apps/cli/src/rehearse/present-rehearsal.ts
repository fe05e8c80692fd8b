import type { TidemarkError } from '@tidemark/core'
import { describeSession, describeWork, nameOf } from '@tidemark/shadow'
import { presentStepFailure } from '../failure/present-step-failure.ts'
import type { RehearsalJson } from '../schema/rehearsal-schemas.ts'
import { count } from '../text/count.ts'
import { formatElapsed } from '../text/duration.ts'
import { listFew } from '../text/few.ts'
import type { Paint } from '../text/paint.ts'
import { presentHeading } from '../text/target.ts'
import { wrapText } from '../text/wrap-text.ts'

/** How a rehearsal is written. */
export interface RehearsalView {
  readonly paint: Paint
  readonly width: number
  /** The command that would execute the plan; empty: not said. */
  readonly command: string
  /** Why migrations failed, with the line, by id; not kept in a saved plan. */
  readonly errors: ReadonlyMap<string, TidemarkError>
}

/** Writes what a rehearsal showed: drift first, then each migration, then what was found and what is not known. */
export function presentRehearsal(json: RehearsalJson, view: RehearsalView): string {
  const { paint, width } = view
  const copy = json.copiedFrom === 'dump' ? 'copied by pg_dump' : 'copied from its stored SQL'
  const blocks = [
    presentHeading(
      json.target,
      `${count(json.migrations.length, 'migration')} rehearsed on PostgreSQL ${json.shadow.version}; the database has ${json.targetVersion} and was ${copy}`,
      paint.bold,
    ),
    presentDrift(json, paint),
    presentMigrations(json, view),
    ...json.findings.filter(({ rule }) => rule !== 'drift').map((finding) => presentFinding(finding, view)),
    presentGaps(json, paint),
    presentEnd(json, view),
  ]
  return blocks
    .filter((block) => block !== '')
    .map((block) => wrapText(block, width))
    .join('\n\n')
}

const SHOWN = 8

function presentDrift({ drift }: RehearsalJson, paint: Paint): string {
  if (drift.length === 0) return ''
  const sentences = drift.flatMap((one) => one.sentences)
  const more = sentences.length - SHOWN
  return [
    paint.bold(`${count(drift.length, 'object')} not as the migrations make them; rehearsed as they are`),
    ...sentences.slice(0, SHOWN).map((sentence) => ` ${paint.yellow('!')} ${sentence}`),
    ...(more > 0 ? [`   … and ${more} more: tidemark drift`] : []),
  ].join('\n')
}

function presentMigrations({ migrations, speed }: RehearsalJson, view: RehearsalView): string {
  const lines = migrations.flatMap(({ id, outcome, transaction, batches, statements }) => {
    const facts = statements.map((statement) => ({
      line: statement.line,
      facts: listFacts(statement, view.paint),
    }))
    const shown = facts.filter((one) => one.facts.length > 0)
    const column = Math.max(0, ...shown.map(({ line }) => `line ${line}`.length))
    const notes = [
      ...(outcome === 'ran' ? [] : [outcome === 'failed' ? 'fails' : 'not run']),
      ...(transaction === 'none' ? ['no transaction'] : []),
      ...(batches === null ? [] : [`in batches of ${batches.table} by ${batches.column}, here all at once`]),
      ...(outcome === 'ran' && shown.length === 0 ? ['touches nothing that is there'] : []),
    ]
    return [
      `  ${id}${notes.length === 0 ? '' : view.paint.dim(`  ${notes.join(', ')}`)}`,
      ...shown.flatMap(({ line, facts: some }) =>
        some.map((fact, place) => `    ${(place === 0 ? `line ${line}` : '').padEnd(column)}  ${fact}`),
      ),
    ]
  })
  if (lines.length === 0) return 'Nothing is pending.'
  return [
    view.paint.bold('What happens to what is there'),
    ...lines,
    ...describeSpeed(migrations, speed),
  ].join('\n')
}

function describeSpeed(
  migrations: RehearsalJson['migrations'],
  speed: RehearsalJson['speed'],
): readonly string[] {
  const works = migrations.some(({ statements }) => statements.some(({ work }) => work.length > 0))
  if (!works) return []
  if (speed === 'unknown')
    return ['  How long it takes is not known: nothing was measured on this server (--calibrate).']
  const basis = speed === 'history' ? 'from earlier runs on this server' : 'measured on this server'
  return [`  Durations are ranges, ${basis}.`]
}

type StatementJson = RehearsalJson['migrations'][number]['statements'][number]

const WAITING: Readonly<Record<StatementJson['blocks'], string>> = {
  nobody: '',
  writers: ': writers wait',
  everybody: ': everybody waits',
}

const BLOCKING: Readonly<Record<string, StatementJson['blocks']>> = {
  SHARE: 'writers',
  'SHARE ROW EXCLUSIVE': 'writers',
  EXCLUSIVE: 'writers',
  'ACCESS EXCLUSIVE': 'everybody',
}

/** Locks that let everybody go on are left out. */
function listFacts({ locks, work, blocks, durationMs }: StatementJson, paint: Paint): readonly string[] {
  const modes = [...new Set(locks.map(({ mode }) => mode))]
  const locked = modes.flatMap((mode) => {
    const names = locks.filter((lock) => lock.mode === mode).map(nameOf)
    const who = BLOCKING[mode] ?? 'nobody'
    const isShown = who !== 'nobody' || mode === 'SHARE UPDATE EXCLUSIVE'
    return isShown ? [`${mode} on ${listFew(names)}${WAITING[who]}`] : []
  })
  const during = locked.length === 0 && work.length > 0 ? WAITING[blocks] : ''
  const worked = work.map(({ does, ...relation }) => describeWork({ kind: does, relation }))
  const took =
    durationMs === null || durationMs.high < 1
      ? []
      : [paint.dim(`${formatElapsed(durationMs.low)} to ${formatElapsed(durationMs.high)}`)]
  return [...locked, ...worked.map((words) => `${words}${during}`), ...took]
}

function presentFinding(
  finding: RehearsalJson['findings'][number],
  { paint, errors }: RehearsalView,
): string {
  const { severity, rule, id, path, line, message, details } = finding
  const colour = { error: paint.red, warning: paint.yellow, note: paint.cyan }[severity]
  const place = path === null ? '' : `${path}${line === null ? '' : `:${line}`} `
  const heading = `${place}${colour(`${severity} ${rule}`)}: `
  const error = id === null || rule !== 'does-not-run' ? undefined : errors.get(id)
  if (error?.location !== undefined) {
    const failure = presentStepFailure(error, { paint, targetFlags: '', database: 'shadow' }).trimEnd()
    return `${heading}"${id}" does not run there\n${failure}`
  }
  const more = details.length - SHOWN
  return [
    `${heading}${message}`,
    ...details.slice(0, SHOWN).flatMap((detail) => detail.split('\n').map((text) => `    ${text}`)),
    ...(more > 0 ? [`    … and ${more} more`] : []),
  ].join('\n')
}

function presentGaps({ gaps }: RehearsalJson, paint: Paint): string {
  return gaps
    .map(({ id, why }) => `${paint.yellow('?')} ${id ?? 'the target'}  not rehearsed: ${why}`)
    .join('\n')
}

const MARKS = { nothing_found: '✓', findings: '✗', not_provable: '?' } as const

function presentEnd(json: RehearsalJson, { paint, command }: RehearsalView): string {
  const { result, queries, holders, written, differences } = json
  const colour = { nothing_found: paint.green, findings: paint.red, not_provable: paint.yellow }[result]
  const [holder] = holders
  return [
    ...(queries === null ? [] : [paint.dim(describeQueries(queries))]),
    ...(holder === undefined ? [] : [paint.dim(`First to wait for: ${describeSession(holder.session)}.`)]),
    ...(differences.length === 0
      ? []
      : [
          paint.dim(
            `The copy differs from the database in ${count(differences.length, 'place')} (--dump copies more), such as: ${differences[0]}`,
          ),
        ]),
    `${colour(MARKS[result])} ${describeResult(json)}`,
    ...(written === null ? [] : [`The plan is in ${written}.`]),
    ...(command === '' || json.migrations.length === 0
      ? []
      : [`Nothing was changed. Execute it with \`${command}\`.`]),
  ].join('\n')
}

function describeQueries({
  compared,
  broken,
  notCompared,
  unread,
}: NonNullable<RehearsalJson['queries']>): string {
  const unknown =
    notCompared.length === 0
      ? ''
      : `; ${notCompared.length} more ${notCompared.length === 1 ? 'does' : 'do'} not work before it either`
  return `${count(compared, 'query', 'queries')} planned before and after: ${broken.length} ${broken.length === 1 ? 'stops' : 'stop'} working${unknown}${unread === 0 ? '' : `; ${count(unread, 'line')} without a statement`}`
}

/** Says in a few words what a rehearsal came to. */
export function describeResult({ findings, gaps }: RehearsalJson): string {
  const tally = (['error', 'warning', 'note'] as const)
    .map((severity) => [severity, findings.filter((one) => one.severity === severity).length] as const)
    .filter(([, number]) => number > 0)
    .map(([severity, number]) => count(number, severity))
  const left = gaps.length === 0 ? [] : [`${count(gaps.length, 'thing')} not rehearsed`]
  const words = [...tally, ...left]
  return words.length === 0 ? 'no finding' : words.join(', ')
}
