import {
  type Diagnostic,
  type MigrationId,
  type PlanTarget,
  parseMigration,
  TidemarkError,
} from '@tidemark/core'
import { type HistoryJudgement, judgeRows } from '@tidemark/import'
import { openDatabase } from '../database/open-database.ts'
import { openRunner } from '../database/open-runner.ts'
import type { DatabaseSettings } from '../database/require-database.ts'
import { refuse } from '../project/refuse.ts'
import { withReader } from '../status/read-state.ts'
import { chooseAdoptionSchema, type SchemaChange } from './adoption-schema.ts'
import { readForeignHistory } from './import-history.ts'
import type { ImportPlan } from './import-project.ts'
import { recordApplied } from './import-record.ts'

/** What the other tool's table says of the files that are imported. */
export interface Adoption {
  readonly target: PlanTarget
  /** With its schema. */
  readonly table: string
  /** Ids that it says are applied. */
  readonly applied: ReadonlySet<MigrationId>
  /** Versions that it has and no file. */
  readonly unknown: readonly string[]
  readonly findings: readonly Diagnostic[]
  /** Those that the tracking tables are reached with. */
  readonly settings: DatabaseSettings
  /** The configuration that is to name their schema first. */
  readonly change: SchemaChange | undefined
}

/** Which table is meant, and who asks. */
export interface AdoptOptions {
  readonly table: string | undefined
  readonly toolVersion: string
  readonly signal: AbortSignal
}

/**
 * Reads the other tool's table, before a file is written. Makes sure that the tracking tables can be used, so
 * that nothing is half adopted.
 *
 * @throws {TidemarkError} TM7034 when it is unknown, or a migration is half applied; TM1xxx when an imported
 * file would be refused, so that it could not be recorded; TM5001 without a connection; TM3xxx, among them
 * TM3001 when the tracking tables cannot have a schema of their own.
 */
export async function planAdoption(
  given: DatabaseSettings,
  plan: ImportPlan,
  { table: named, signal }: AdoptOptions,
): Promise<Adoption> {
  // A failure to connect is reported as `up` reports it.
  await withReader(given, signal, async () => undefined)
  const history = await readForeignHistory(given, { history: plan.history, table: named })
  const table = `${history.schema}.${history.name}`
  const { settings, change } = await chooseAdoptionSchema(given, history)
  await withReader(settings, signal, (session) => session.store.readHistory())
  const judged = judgeRows(
    plan.history,
    history.rows,
    plan.migrations.map(({ foreign }) => foreign),
  )
  if (judged.refusal !== undefined) {
    const message = `"${table}" says that ${judged.refusal.message}`
    throw new TidemarkError({ code: 'TM7034', message, help: judged.refusal.help })
  }
  refuseBrokenFiles(plan, settings.schema)
  const applied = plan.migrations.filter((_, index) => judged.applied[index] === true).map(({ id }) => id)
  return {
    target: (await openDatabase(settings)).describeTarget(),
    table,
    applied: new Set(applied),
    unknown: judged.unknown,
    findings: [...judged.findings, ...findUnknown(table, judged), ...findGaps(plan, judged)],
    settings,
    change,
  }
}

/** Records as applied what the other tool's table says. */
export async function adopt(
  adoption: Adoption,
  { toolVersion, signal }: AdoptOptions,
): Promise<readonly MigrationId[]> {
  return recordApplied(await openRunner(adoption.settings, toolVersion), {
    ids: [...adoption.applied],
    reason: `imported: applied according to ${adoption.table}`,
    signal,
  })
}

function refuseBrokenFiles({ migrations }: ImportPlan, trackingSchema: string): void {
  const problems = migrations.flatMap(({ path, text, state }) => {
    if (state === 'kept') return []
    const parsed = parseMigration({ path, text }, { trackingSchema })
    return parsed.ok ? [] : parsed.error
  })
  const errors = problems.filter(({ severity }) => severity === 'error')
  if (errors.length === 0) return
  throw refuse(
    errors.map((problem) => ({
      ...problem,
      help: `${problem.help === undefined ? '' : `${problem.help}; `}import without \`--adopt\`, fix the file, then import with \`--adopt\` again`,
    })),
  )
}

function findUnknown(table: string, { unknown }: HistoryJudgement): readonly Diagnostic[] {
  if (unknown.length === 0) return []
  const shown = `${unknown.slice(0, 5).join(', ')}${unknown.length > 5 ? `, … (${unknown.length})` : ''}`
  return [
    {
      code: 'TM7033',
      severity: 'warning',
      message: `"${table}" has what no file has: ${shown}`,
      help: 'bring back the files, or make sure that nothing is missing: `tidemark plan`',
    },
  ]
}

/** What is not applied although something after it is: the next run applies it late. */
function findGaps({ migrations }: ImportPlan, { applied }: HistoryJudgement): readonly Diagnostic[] {
  const last = applied.lastIndexOf(true)
  const gaps = migrations.filter(
    ({ foreign }, index) => index < last && applied[index] === false && foreign.run === 'once',
  )
  return gaps.map(({ path, id }) => ({
    code: 'TM7033',
    severity: 'warning',
    message: `"${id}" is not applied, but migrations after it are`,
    source: { path, text: '' },
    help: 'if the database has it, `tidemark mark` it as completed; otherwise check what it does before the next run',
  }))
}
