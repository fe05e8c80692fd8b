import type { Diagnostic } from '@tidemark/core'
import { shownPath } from '@tidemark/import'
import { presentDiagnostic } from '../failure/present-failure.ts'
import { count } from '../text/count.ts'
import type { Paint } from '../text/paint.ts'
import { presentTable } from '../text/table.ts'
import { presentTarget } from '../text/target.ts'
import { addTargetFlags } from '../text/target-flags.ts'
import type { ImportCheck } from './check-import.ts'
import type { Adoption } from './import-adopt.ts'
import type { ImportPlan, PlannedImport } from './import-project.ts'
import { findingsOf, type ImportOutcome, isEqual } from './import-to-json.ts'

/** How {@link presentImport} writes. */
export interface ImportView {
  readonly paint: Paint
  readonly width: number
  readonly targetFlags: string
  /** The command that records what is applied, to suggest. */
  readonly adoptCommand: string
  /** Every note by itself, instead of how often each is given. */
  readonly verbose: boolean
}

/** Writes what an import did, or would do: a line for each file, then what to review, then the next steps. */
export function presentImport(outcome: ImportOutcome, view: ImportView): string {
  const { plan } = outcome
  const { paint } = view
  const findings = findingsOf(outcome)
  const isShown = ({ severity }: Diagnostic): boolean => severity !== 'note' || view.verbose
  const shown = findings.filter(isShown).map((finding) => presentDiagnostic(finding, view))
  const counted = countNotes(findings.filter((finding) => !isShown(finding)))
  const from = `${plan.title}  ${plan.source} → ${shownPath(plan.out)}`
  const rows = plan.migrations.map((migration) => row(migration, outcome, paint))
  return [
    `${paint.bold('tidemark')}  ${from}`,
    ...(outcome.adoption === undefined
      ? []
      : [`          ${presentTarget(outcome.adoption.target)}  ${outcome.adoption.table}`]),
    '',
    presentTable(rows, { width: view.width, indent: 1, flexible: 1 }),
    '',
    ...(counted.length === 0 ? [] : [...counted, '']),
    ...shown.flatMap((text) => [text, '']),
    ...verdict(outcome, findings, view),
  ].join('\n')
}

function row(
  { id, state, transaction, foreign, reversible }: PlannedImport,
  { adoption }: ImportOutcome,
  paint: Paint,
) {
  const marks = { written: paint.green('✓'), unchanged: paint.dim('='), kept: paint.yellow('!') }
  const states = { written: '', unchanged: 'there already', kept: 'kept: other content' }
  const facts = [
    states[state],
    adoption?.applied.has(id) === true ? 'applied' : '',
    // Of a file that was there before, a run may have applied it since.
    adoption?.applied.has(id) === false && state === 'written' ? 'pending' : '',
    transaction === 'none' ? 'no transaction' : '',
    foreign.run === 'on_change' ? 'on change' : '',
    reversible ? '' : 'irreversible',
  ]
  return [
    { text: { written: '✓', unchanged: '=', kept: '!' }[state], paint: () => marks[state] },
    { text: id },
    { text: facts.filter((fact) => fact !== '').join(', '), paint: paint.dim },
  ]
}

/** Notes of one kind are one line: a project may have hundreds. */
function countNotes(notes: readonly Diagnostic[]): readonly string[] {
  const counts = new Map<string, number>()
  for (const { message } of notes) {
    const kind = message.replace(/"[^"]*"/g, '"…"')
    counts.set(kind, (counts.get(kind) ?? 0) + 1)
  }
  return [...counts].map(([message, number]) => ` · ${message}${number === 1 ? '' : `  (${number} times)`}`)
}

function verdict(
  outcome: ImportOutcome,
  findings: readonly Diagnostic[],
  { paint, targetFlags, adoptCommand }: ImportView,
): readonly string[] {
  const { plan, dryRun, adoption } = outcome
  const written = plan.migrations.filter(({ state }) => state === 'written').length
  const present = plan.migrations.length - written
  const reviews = findings.filter(({ severity }) => severity !== 'note').length
  const rest = present === 0 ? '' : `, ${present} there already`
  const done = dryRun ? 'to import' : 'imported'
  const mark = reviews === 0 ? paint.green('✓') : paint.yellow('!')
  const review =
    reviews === 0 ? '' : `; ${reviews === 1 ? '1 finding needs' : `${reviews} findings need`} review`
  return [
    `${mark} ${count(written, 'migration')} ${done}${rest}${review}`,
    ...(adoption === undefined ? [] : presentAdoption(outcome, adoption, { mark, paint })),
    ...(outcome.check === undefined ? [] : presentCheck(outcome.check, plan, paint)),
    ...nextSteps(outcome, { adoptCommand, targetFlags }),
  ]
}

function presentCheck(
  { engine, serverVersion, migrations, differences, notChecked }: ImportCheck,
  { title, isRecording }: Pick<ImportPlan, 'title' | 'isRecording'>,
  paint: Paint,
): readonly string[] {
  const where = `PostgreSQL ${serverVersion}${engine === 'pglite' ? ', embedded' : ''}`
  if (notChecked !== undefined) return [`${paint.yellow('!')} not checked: the original ${notChecked}`]
  if (differences.length === 0)
    return [
      isRecording
        ? `${paint.green('✓')} equal: on an empty database the ${count(migrations, 'file')} ${migrations === 1 ? 'makes' : 'make'} the schema that ${title} left (${where})`
        : `${paint.green('✓')} equal: ${migrations === 1 ? 'the original' : 'the originals'} and the ${count(migrations, 'imported file')} make the same schema (${where})`,
    ]
  return [
    `${paint.red('✗')} ${count(differences.length, 'difference')} from what ${isRecording ? `${title} left` : 'the originals make'} (${where})`,
    ...differences.map((difference) => `   ${difference}`),
  ]
}

function presentAdoption(
  { plan, dryRun, recorded }: ImportOutcome,
  { applied, settings, change, table }: Adoption,
  { mark, paint }: { readonly mark: string; readonly paint: Paint },
): readonly string[] {
  const { title } = plan
  const says = dryRun ? 'will say' : 'says'
  return [
    `${mark} ${count(applied.size, 'migration')} applied by ${title}, ${recorded.length} ${dryRun ? 'to record' : 'recorded'}`,
    ...(change === undefined
      ? []
      : [
          `${paint.green('✓')} ${shownPath(change.path)} ${says} "schema": "${settings.schema}", since ${table} is ${title}'s`,
        ]),
  ]
}

/** Another database can only be adopted with the files of the other tool. */
function listWhatStays(
  { title, source, isRecording, out }: ImportOutcome['plan'],
  { change }: Adoption,
): readonly string[] {
  const own = change === undefined ? [shownPath(out)] : [shownPath(out), shownPath(change.path)]
  const rest = isRecording ? `${title} and its migrations` : source
  return [
    `Keep ${own.join(' and ')}: every later command reads ${own.length === 1 ? 'it' : 'them'}.`,
    `Keep ${rest} until every database is adopted: \`tidemark import --adopt\` reads it.`,
  ]
}

function nextSteps(
  { dryRun, adoption, plan, check }: ImportOutcome,
  { adoptCommand, targetFlags }: Pick<ImportView, 'adoptCommand' | 'targetFlags'>,
): readonly string[] {
  const suggest = (command: string): string => addTargetFlags(`\`tidemark ${command}\``, targetFlags)
  if (check !== undefined && !plan.isRecording)
    return ['Nothing was written. Leave out `--check` to write the files.']
  if (check !== undefined && !isEqual(check))
    return ['Nothing was written: the files would not make what the tool made.']
  if (dryRun) return ['Nothing was written. Leave out `--dry-run` to write the files.']
  if (adoption !== undefined) {
    return [...listWhatStays(plan, adoption), `Next: ${suggest('status')}, then ${suggest('plan')}.`]
  }
  const adopt = plan.history === undefined ? suggest('baseline --through ID') : `\`${adoptCommand}\``
  return [
    `Next: ${suggest('validate')}.`,
    `A database that has them: ${adopt}`,
    `A new database:           ${suggest('up')}`,
  ]
}
