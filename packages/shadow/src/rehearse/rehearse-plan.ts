import {
  type CatalogScope,
  describeCatalogDifference,
  formatSearchPath,
  type MigrationPlan,
  type ReadingSession,
  type VariableValues,
} from '@tidemark/core'
import type { LinterOptions } from '@tidemark/lint'
import type { Connection, Wire } from '@tidemark/pg-driver/engine'
import { refuseUnknownVersion } from '../drift/check-drift.ts'
import type { AcceptedDrift } from '../drift/drift.ts'
import { interruptible, untilAborted } from '../port/interruptible.ts'
import type { Shadow } from '../port/shadow.ts'
import type { ShadowOptions } from '../shadow-options.ts'
import { buildCopy, type TargetCopy } from './copy/build-copy.ts'
import { checkQueries } from './queries/check-queries.ts'
import { compareQueries } from './queries/compare-queries.ts'
import type { ApplicationQuery } from './queries/query.ts'
import { type Speed, sumBaseMs } from './report/estimate-duration.ts'
import { listHolders, listRehearsalFindings } from './report/list-findings.ts'
import type { RehearsalReport, RehearsedQueries, RunSteps } from './report/rehearsal.ts'
import { sizesOf } from './report/sizes.ts'
import { speedOfHistory } from './report/speed-of-history.ts'
import { runSteps } from './run-steps.ts'
import { readTarget } from './target/read-target.ts'
import type { TargetFacts } from './target/target.ts'
import { createStepLinter } from './trace/lint-step.ts'
import { listRehearsed } from './trace/rehearsed-step.ts'

/** Options of {@link rehearsePlan}. */
export interface RehearseOptions {
  /** The target; it is only read. */
  readonly reader: ReadingSession
  /** What is to be executed there, such as `createMigrationPlan` of a runner gives it. */
  readonly plan: MigrationPlan
  /** The values of variables, as for a run. */
  readonly variables?: VariableValues | undefined
  /** How the copy is opened. */
  readonly shadow?: Omit<ShadowOptions, 'migrations'> | undefined
  /** Which part of the schema must not change until the plan is executed. Default: all that no service manages. */
  readonly scope?: CatalogScope | undefined
  readonly owners?: 'ignored' | 'compared' | undefined
  /** Drift that is meant. */
  readonly accepted?: readonly AcceptedDrift[] | undefined
  /** Weights of rules of lint that differ from theirs. */
  readonly lint?: Pick<LinterOptions, 'severities'> | undefined
  /** Queries of the application; with `recorded`, also those that `pg_stat_statements` of the target has. */
  readonly queries?: readonly ApplicationQuery[] | undefined
  readonly recorded?: 'read' | 'not_read' | undefined
  /**
   * Opens a session of the target for `pg_dump`, from which the copy is made then: exact, and with ACCESS SHARE
   * locks on what it dumps. Default: the SQL that the target has stored, and what its catalog shows besides.
   */
  readonly openWire?: (() => Promise<Wire>) | undefined
  /** How fast the target is, from `calibrate`. Default: from its history, where rehearsed plans ran there. */
  readonly speed?: Speed | undefined
  readonly onProgress?: ((progress: RehearsalProgress) => void) | undefined
  readonly signal?: AbortSignal | undefined
}

/** How far a rehearsal has come. */
export type RehearsalProgress =
  | { readonly kind: 'reading' | 'copying' | 'planning_queries' }
  | { readonly kind: 'running'; readonly done: number; readonly total: number }

/**
 * Executes a plan on a copy of the target's schema, without rows, and tells what it will do there: which tables it
 * locks, rewrites, reads and indexes, and how large these are; who holds them now; which queries stop working. First
 * it tells where the target is not what its migrations make. The target is read in one read-only transaction.
 *
 * @throws TidemarkError TM5060 for a version whose catalog is not known, TM5053 when `pg_dump` fails, and what
 *   reading throws.
 * @example
 * const report = await rehearsePlan({ reader, plan })
 * for (const { severity, message } of report.findings) console.log(`${severity}: ${message}`)
 */
export async function rehearsePlan(options: RehearseOptions): Promise<RehearsalReport> {
  const { reader, plan, scope = {}, signal, onProgress } = options
  refuseUnknownVersion(reader.serverVersion)
  const secretKey = crypto.randomUUID()
  onProgress?.({ kind: 'reading' })
  const read = await readTarget(reader, { scope, recorded: options.recorded ?? 'not_read', secretKey })
  const path = options.shadow?.searchPath
  const target = path === undefined ? read : { ...read, searchPath: formatSearchPath(path) }
  signal?.throwIfAborted()
  onProgress?.({ kind: 'copying' })
  const steps = listRehearsed(plan.steps, options.variables ?? {})
  const queries = [...(options.queries ?? []), ...recordedQueries(target)]
  const { systemIdentifier } = reader.target
  const copy = await buildCopy({
    ...options,
    target,
    trackingSchema: reader.target.schema,
    shadow: {
      ...options.shadow,
      target: { systemIdentifier, serverVersion: reader.serverVersion },
    },
    scope,
    texts: [
      ...steps.map(({ migration }) => `${migration.source.text}\n${migration.header.role ?? ''}`),
      ...queries.map(({ role }) => role ?? ''),
    ],
    secretKey,
  })
  try {
    const shadow = signal === undefined ? copy.shadow : interruptible(copy.shadow, signal)
    const ground = { options, target, steps, queries }
    const rehearsed = await untilAborted(rehearseOn({ ...copy, shadow }, ground), signal)
    return report(options, { target, copy, ...rehearsed, speed: speedOf({ options, target }) })
  } finally {
    await copy.shadow.close()
  }
}

interface Ground {
  readonly options: RehearseOptions
  readonly target: TargetFacts
  readonly steps: ReturnType<typeof listRehearsed>
  readonly queries: readonly ApplicationQuery[]
}

interface Rehearsed {
  readonly run: RunSteps
  readonly queries: RehearsedQueries | null
}

async function rehearseOn({ shadow }: TargetCopy, ground: Ground): Promise<Rehearsed> {
  const { options, target, steps, queries } = ground
  const connection = await shadow.connect()
  try {
    const planning = { searchPath: target.searchPath, roles: await listRoles(connection) }
    if (queries.length > 0) options.onProgress?.({ kind: 'planning_queries' })
    const before = await checkQueries(connection, queries, planning)
    const run = await runSteps(
      {
        shadow,
        connection,
        target,
        speed: speedOf(ground),
        sizes: sizesOf(target.relations),
        linter: createStepLinter({
          connection,
          trackingSchema: options.reader.target.schema,
          relations: target.relations,
          severities: options.lint?.severities,
        }),
      },
      steps,
      { onProgress: options.onProgress, signal: options.signal },
    )
    if (queries.length === 0 && options.recorded !== 'read' && options.queries === undefined)
      return { run, queries: null }
    const after = await checkQueries(connection, queries, planning)
    return { run, queries: compareQueries(queries, before, after) }
  } finally {
    await connection.close()
  }
}

async function listRoles(connection: Connection): Promise<ReadonlySet<string>> {
  const { rows } = await connection.query<{ name: string }>(
    'SELECT rolname::pg_catalog.text AS name FROM pg_catalog.pg_roles',
  )
  return new Set(rows.map(({ name }) => name))
}

function recordedQueries({ recorded }: TargetFacts): readonly ApplicationQuery[] {
  if (recorded.kind !== 'read') return []
  return recorded.statements.flatMap(({ text, role }) =>
    text === null ? [] : [{ text, role, source: 'pg_stat_statements' }],
  )
}

function speedOf({ options, target }: Pick<Ground, 'options' | 'target'>): Speed | undefined {
  return options.speed ?? speedOfHistory(target.attempts)
}

interface Reported extends Rehearsed {
  readonly target: TargetFacts
  readonly copy: TargetCopy
  readonly speed: Speed | undefined
}

function report(
  { openWire }: RehearseOptions,
  { target, copy, run, queries, speed }: Reported,
): RehearsalReport {
  const { serverVersion, role, isStandby, mark } = target
  const { shadow, drift } = copy
  const holders = listHolders(run.migrations, target.held)
  const differences = copy.differences.flatMap(describeCatalogDifference)
  return {
    target: { serverVersion, role, isStandby, mark },
    shadow: engineOf(shadow),
    copiedFrom: openWire === undefined ? 'stored_sql' : 'dump',
    drift,
    differences,
    migrations: run.migrations,
    baseMs: baseMsOf(run),
    holders,
    queries,
    speed: speed === undefined ? { kind: 'unknown' } : speed.basis,
    ...listRehearsalFindings({ target, copy, run, queries, holders }),
  }
}

function engineOf({ engine, serverVersion }: Shadow): RehearsalReport['shadow'] {
  return { engine, serverVersion }
}

/** Where one piece of work is of unknown size, the whole is not known. */
function baseMsOf({ migrations }: RunSteps): RehearsalReport['baseMs'] {
  return Object.fromEntries(
    migrations.flatMap(({ migrationId, statements }) => {
      const sum = sumBaseMs(statements.flatMap(({ work }) => work))
      return sum === undefined || sum === 0 ? [] : [[migrationId, sum]]
    }),
  )
}
