import { countStatements, type Migration, type MigrationId, TidemarkError } from '@tidemark/core'
import { findCreatedExtensions } from '@tidemark/embedded'
import type { LintFinding } from '@tidemark/lint'
import type { Connection } from '@tidemark/pg-driver/engine'
import type { Shadow } from '../port/shadow.ts'
import { describeEffects } from './report/describe-effects.ts'
import type { Speed } from './report/estimate-duration.ts'
import type { RehearsedMigration, RunSteps } from './report/rehearsal.ts'
import type { TargetFacts, TargetRelation } from './target/target.ts'
import type { StepLinter } from './trace/lint-step.ts'
import type { RehearsedStep } from './trace/rehearsed-step.ts'
import { takeSample, traceStep } from './trace/trace-step.ts'

/** What {@link runSteps} works on. */
export interface StepGround {
  readonly shadow: Shadow
  readonly connection: Connection
  readonly target: TargetFacts
  readonly sizes: ReadonlyMap<string, TargetRelation>
  readonly speed: Speed | undefined
  readonly linter: StepLinter
}

/** Reports how far the run has come, and may stop it. */
export interface StepWatch {
  readonly onProgress?:
    | ((progress: { readonly kind: 'running'; readonly done: number; readonly total: number }) => void)
    | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * Runs the steps of a plan on the copy, in their order. What fails stays out, with all that depends on it; the others
 * run on.
 */
export async function runSteps(
  ground: StepGround,
  steps: readonly RehearsedStep[],
  { onProgress, signal }: StepWatch,
): Promise<RunSteps> {
  const { shadow, connection, target } = ground
  const start = await takeSample(connection)
  const migrations: RehearsedMigration[] = []
  const failed: { migrationId: MigrationId; error: TidemarkError }[] = []
  const unknown = new Map<MigrationId, string>()
  const lint: LintFinding[] = []
  for (const [at, { file, migration, done }] of steps.entries()) {
    signal?.throwIfAborted()
    onProgress?.({ kind: 'running', done: at, total: steps.length })
    const { id } = file
    const { transaction } = file.header
    const lacking = file.header.dependsOn.find(
      (one) => unknown.has(one) || failed.some(({ migrationId }) => migrationId === one),
    )
    if (lacking !== undefined) {
      unknown.set(id, `depends on "${lacking}", which did not run`)
      migrations.push({ migrationId: id, transaction, outcome: 'not_run', statements: [] })
      continue
    }
    const missing = findMissingExtension(migration, target)
    if (missing !== undefined) {
      failed.push({ migrationId: id, error: missing })
      migrations.push({ migrationId: id, transaction, outcome: 'failed', statements: [] })
      continue
    }
    const lintStep = await ground.linter.begin(migration)
    const traced = await traceStep({ connection, start, searchPath: target.searchPath }, migration)
    const statements = describeEffects(traced, { ...ground, start }, { transaction, done })
    if (traced.failure === null)
      lint.push(...(await lintStep(traced.traces)).map((one) => countedFrom(one, done)))
    let outcome: RehearsedMigration['outcome'] = 'ran'
    if (traced.failure !== null) {
      const ran = transaction === 'none' ? traced.traces.length : 0
      const again = { ...migration, up: { ...migration.up, statements: migration.up.statements.slice(ran) } }
      const verdict = await explainFailure(shadow, again, traced.failure.message)
      outcome = verdict.kind === 'failed' ? 'failed' : 'not_run'
      if (verdict.kind === 'failed')
        failed.push({ migrationId: id, error: countedInFile(verdict.error, file, done + ran) })
      else unknown.set(id, verdict.why)
    }
    migrations.push({ migrationId: id, transaction, outcome, statements })
  }
  return { migrations, failed, unknown, lint }
}

function countedFrom(finding: LintFinding, done: number): LintFinding {
  const { statement } = finding
  return { ...finding, statement: statement === null ? null : statement + done }
}

/** What the copy has, the server of the target may lack. */
function findMissingExtension(
  { id, source, up }: RehearsedStep['migration'],
  { extensions }: TargetFacts,
): TidemarkError | undefined {
  const available = new Set(extensions)
  const created = up.statements.flatMap(({ codeStart, codeEnd }) =>
    findCreatedExtensions(source.text.slice(codeStart, codeEnd)),
  )
  const missing = created.find((name) => name !== undefined && !available.has(name))
  if (missing === undefined) return undefined
  return notOnTarget(id, `creates the extension "${missing}", which the server of the target does not have`)
}

function notOnTarget(id: MigrationId, what: string): TidemarkError {
  return new TidemarkError({
    code: 'TM5004',
    message: `"${id}" ${what}`,
    help: 'install or create it there first, or correct its name',
    details: { migration: id },
  })
}

/** A statement is counted from the first of the file, whatever was done before. */
function countedInFile(error: TidemarkError, file: Migration, before: number): TidemarkError {
  const { index } = error.details
  if (typeof index !== 'number' || before === 0) return error
  return error.with({ details: { ...error.details, index: index + before, count: countStatements(file) } })
}

type FailureReason =
  | { readonly kind: 'failed'; readonly error: TidemarkError }
  | { readonly kind: 'not_known'; readonly why: string }

/** States of rows that are not on the copy: a reference without its row, a check in a DO block that raises. */
const DEPENDS_ON_ROWS = /^(?:23|P000[1-4])/

/** Runs it as `up` would: that says what was lacking, and where in the file it failed. */
async function explainFailure(
  shadow: Shadow,
  migration: RehearsedStep['migration'],
  message: string,
): Promise<FailureReason> {
  const roles = new Set(shadow.standIns.roles)
  try {
    await shadow.apply([migration])
  } catch (error) {
    if (!(error instanceof TidemarkError) || error.details['migration'] !== migration.id) throw error
    const { sqlState } = error.details
    return typeof sqlState === 'string' && DEPENDS_ON_ROWS.test(sqlState)
      ? { kind: 'not_known', why: `fails on a copy without rows: ${message}` }
      : { kind: 'failed', error }
  }
  const lacking = shadow.notChecked.find(({ migrationId }) => migrationId === migration.id)
  if (lacking !== undefined) return { kind: 'not_known', why: lacking.why }
  const role = shadow.standIns.roles.find((one) => !roles.has(one))
  if (role === undefined) return { kind: 'not_known', why: `was not seen whole: ${message}` }
  return {
    kind: 'failed',
    error: notOnTarget(migration.id, `names the role "${role}", which the target does not have`),
  }
}
