import { basename, sep } from 'node:path'
import {
  type Diagnostic,
  describeCatalogDifference,
  type History,
  type Migration,
  type PlanTarget,
} from '@tidemark/core'
import { makeReport, type ReportDatabase, type ReportDocument } from '@tidemark/report'
import {
  type CheckReport,
  checkMigrations,
  type DriftReport,
  type FollowSchemaOptions,
  followSchema,
  type RehearsalReport,
  readHeldLocks,
  type SchemaEvolution,
} from '@tidemark/shadow'
import type { Settings } from '../config/settings.ts'
import { type DatabaseSettings, requireDatabase } from '../database/require-database.ts'
import { type Project, readProject } from '../project/read-project.ts'
import type { Redactor } from '../redact/redactor.ts'
import { openProjectShadow } from '../shadow/open-project-shadow.ts'
import { judgeProject, withReader } from '../status/read-state.ts'
import { readFleet } from './read-fleet.ts'
import { readTables } from './read-tables.ts'

/** What a report is to have. */
export interface ReportRequest {
  /** `executed`: what each migration makes of the schema is found on a shadow. */
  readonly schema: 'executed' | 'left_out'
  /** `read`: the configured database, if there is one. */
  readonly database: 'read' | 'left_out'
  readonly drift: 'compared' | 'left_out'
  /** What the pending migrations do on a copy of the database's schema. */
  readonly rehearsal: 'rehearsed' | 'left_out'
  /** `checked`: everything that `check --all` finds; or a check that was made already. */
  readonly checks: 'checked' | 'left_out' | CheckReport
  /** How every target of the configured fleet is. */
  readonly fleet: 'read' | 'left_out'
  /** The locks that others hold at the moment. */
  readonly locks: 'read' | 'left_out'
  /** Who ran what. */
  readonly details: 'included' | 'left_out'
}

/** Nothing is executed, and no database read. */
export const FILES_ALONE: ReportRequest = {
  schema: 'left_out',
  database: 'left_out',
  drift: 'left_out',
  rehearsal: 'left_out',
  checks: 'left_out',
  fleet: 'left_out',
  locks: 'left_out',
  details: 'left_out',
}

/** Surroundings of a report that is made. */
export interface ReportSurroundings {
  readonly toolVersion: string
  readonly redactor: Redactor
  readonly onProgress: (progress: { readonly done: number; readonly total: number }) => void
  readonly signal: AbortSignal
}

/**
 * Reads files and database, and executes the migrations on a shadow.
 *
 * @throws {TidemarkError} for wrong files, and whatever connecting, reading and starting a shadow throw.
 */
export async function makeProjectReport(
  settings: Settings,
  request: ReportRequest,
  surroundings: ReportSurroundings,
): Promise<ReportDocument> {
  const { toolVersion, redactor, onProgress, signal } = surroundings
  const project = await readProject(settings)
  const migrations = project.graph.nodes.map(({ migration }) => migration)
  const database = await readDatabase(settings, project, request, signal)
  const compared = database === undefined ? {} : await compareDatabase(settings, request, signal)
  const evolution =
    request.schema === 'executed' && migrations.length > 0
      ? await followProject(settings, migrations, { onProgress, signal })
      : undefined
  const { redact, learnFrom: learn } = redactor
  const fleet =
    request.fleet === 'read' ? await readFleet(settings, { toolVersion, redact, learn }, signal) : undefined
  const check = await checkOf(settings, request, migrations, signal)
  return makeReport({
    toolVersion,
    project: projectName(settings),
    generatedAt: new Date(),
    graph: project.graph,
    findings: [...project.notes, ...(database?.findings ?? [])],
    details: request.details,
    ...(database === undefined ? {} : { database: { ...database.report, ...compared } }),
    ...(evolution === undefined ? {} : { evolution }),
    ...(check === undefined ? {} : { check }),
    ...(fleet === undefined ? {} : { fleet }),
  })
}

/** The name that a report is headed with: that of the project's folder. */
export function projectName({ folder }: Pick<Settings, 'folder'>): string {
  return basename(folder) || 'migrations'
}

/** Executes the migrations of a project one by one on a shadow. */
export function followProject(
  settings: Settings,
  migrations: readonly Migration[],
  options: Pick<FollowSchemaOptions, 'onProgress' | 'signal' | 'known'>,
): Promise<SchemaEvolution> {
  return followSchema({ migrations, open: openingShadows(settings), ...options })
}

function openingShadows(settings: Settings): FollowSchemaOptions['open'] {
  return (migrations, signal) => openProjectShadow(settings, migrations, { signal })
}

async function checkOf(
  settings: Settings,
  { checks }: Pick<ReportRequest, 'checks'>,
  migrations: readonly Migration[],
  signal: AbortSignal,
): Promise<CheckReport | undefined> {
  if (checks === 'left_out') return undefined
  if (checks !== 'checked') return checks
  return checkMigrations({ migrations, open: openingShadows(settings), signal })
}

/** What a report says of the database, with what was found there. */
export interface ReadDatabase {
  readonly report: ReportDatabase
  readonly findings: readonly Diagnostic[]
  readonly history: History
}

/** Reads the configured database; undefined where there is none, or it is not to be read. */
export async function readDatabase(
  settings: Settings,
  project: Project,
  request: Pick<ReportRequest, 'database' | 'locks'>,
  signal: AbortSignal,
): Promise<ReadDatabase | undefined> {
  const { database, directUrl, unsetDatabase } = settings
  const isNamed = database !== undefined || directUrl !== undefined || unsetDatabase !== undefined
  if (request.database === 'left_out' || !isNamed) return undefined
  const named = requireDatabase(settings)
  const read = await withReader(named, signal, async (session) => {
    const state = await judgeProject(session, project, {})
    const attempts = await session.store.listAttempts({})
    const tables = await readTables(session.catalog)
    return {
      state,
      attempts,
      tables,
      ...(request.locks === 'read' ? { locks: await readHeldLocks(session) } : {}),
    }
  })
  const { target, states, runner, plan, history } = read.state
  const report = {
    target: withShortPath(target, settings),
    states,
    runner,
    attempts: read.attempts,
    tables: read.tables,
    ...(read.locks === undefined ? {} : { locks: read.locks }),
  }
  return { report, findings: plan.findings, history }
}

/** What is found by comparing a database with a shadow, which takes longer than reading it. */
export type ComparedDatabase = Pick<ReportDatabase, 'drift' | 'rehearsal'>

/** Compares the configured database with what its migrations make, and rehearses what is pending, as asked for. */
export async function compareDatabase(
  settings: Settings,
  { drift, rehearsal }: Pick<ReportRequest, 'drift' | 'rehearsal'>,
  signal: AbortSignal,
): Promise<ComparedDatabase> {
  const named = requireDatabase(settings)
  if (rehearsal === 'rehearsed') {
    const rehearsed = await rehearse(named, signal)
    return { rehearsal: rehearsed, drift: describeDrift(rehearsed.drift) }
  }
  if (drift === 'left_out') return {}
  const { findProjectDrift } = await import('../drift/find-project-drift.ts')
  const { report } = await findProjectDrift(named, signal)
  return { drift: describeDrift(report) }
}

function describeDrift({ drift }: DriftReport): readonly string[] {
  return drift.flatMap(({ difference }) => describeCatalogDifference(difference))
}

/** An embedded database is named as it is in the project: a report may be read by everybody. */
function withShortPath(target: PlanTarget, { folder }: Pick<Settings, 'folder'>): PlanTarget {
  return { ...target, host: target.host.replace(`:${folder}${sep}`, ':') }
}

async function rehearse(settings: DatabaseSettings, signal: AbortSignal): Promise<RehearsalReport> {
  const { rehearseProject } = await import('../rehearse/rehearse-project.ts')
  const { report } = await rehearseProject(settings, {
    queries: [],
    queriesRole: undefined,
    copyFrom: 'stored_sql',
    calibrates: false,
    failOn: 'error',
    onProgress: () => {},
    signal,
  })
  return report
}
