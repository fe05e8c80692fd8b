import { readFile } from 'node:fs/promises'
import {
  type ApplyOptions,
  isRefused,
  type MigrationGraph,
  type MigrationPlan,
  type PlanTarget,
  type ReadingSession,
  refusedError,
  TidemarkError,
} from '@tidemark/core'
import {
  type ApplicationQuery,
  calibrate,
  type ReadQueries,
  type RehearsalProgress,
  type RehearsalReport,
  readQueries,
  rehearsePlan,
  type Speed,
} from '@tidemark/shadow'
import { trackedScope } from '../database/open-database.ts'
import { openLive } from '../database/open-live.ts'
import type { DatabaseSettings } from '../database/require-database.ts'
import { readAccepted } from '../drift/accepted-file.ts'
import { readProject } from '../project/read-project.ts'
import { shadowOptions } from '../shadow/open-project-shadow.ts'
import { judgeProject, withReader } from '../status/read-state.ts'

/** What `rehearse` was asked for. */
export interface RehearsalRequest extends ApplyOptions {
  /** Files with queries, or `pg_stat_statements`. */
  readonly queries: readonly string[]
  /** The role of the application, for queries of files. */
  readonly queriesRole: string | undefined
  /** What the copy is made from. */
  readonly copyFrom: 'stored_sql' | 'dump'
  readonly calibrates: boolean
  /** Findings of this weight and above fail. */
  readonly failOn: 'error' | 'warning' | 'note'
  readonly onProgress: (progress: RehearsalProgress) => void
  readonly signal: AbortSignal
}

/** What a rehearsal came to. */
export interface ProjectRehearsal {
  readonly graph: MigrationGraph
  readonly plan: MigrationPlan
  readonly target: PlanTarget
  readonly report: RehearsalReport
  /** Findings win over gaps. */
  readonly result: 'nothing_found' | 'findings' | 'not_provable'
  readonly rehearsedAt: Date
  /** How many lines of logs hold no statement. */
  readonly unread: number
}

/** The name by which the statements of the server itself are asked for. */
const RECORDED = 'pg_stat_statements'

/**
 * Rehearses what is pending on the configured database, which is only read.
 *
 * @throws {TidemarkError} for wrong files, a plan that would be refused, TM7012 for a file of queries that cannot be
 * read, and what `rehearsePlan` throws.
 */
export async function rehearseProject(
  settings: DatabaseSettings,
  request: RehearsalRequest,
): Promise<ProjectRehearsal> {
  const project = await readProject(settings)
  const { queries, unread } = await readQueryFiles(request)
  const accepted = await readAccepted(settings.folder)
  const speed = request.calibrates ? await calibrateTarget(settings) : undefined
  return withReader(settings, request.signal, async (reader: ReadingSession) => {
    const { plan, target } = await judgeProject(reader, project, request)
    if (isRefused(plan)) throw refusedError(plan.findings)
    const report = await rehearsePlan({
      reader,
      plan,
      accepted,
      variables: settings.variables,
      shadow: shadowOptions(settings, request.signal),
      scope: trackedScope(settings),
      owners: settings.drift.owners,
      lint: { severities: settings.lint.rules },
      queries,
      recorded: request.queries.includes(RECORDED) ? 'read' : 'not_read',
      openWire: request.copyFrom === 'dump' ? (await openLive(settings)).openWire : undefined,
      speed,
      onProgress: request.onProgress,
      signal: request.signal,
    })
    const rehearsedAt = new Date()
    return {
      graph: project.graph,
      plan,
      target,
      report,
      result: judge(report, request.failOn),
      rehearsedAt,
      unread,
    }
  })
}

const WEIGHTS = ['error', 'warning', 'note'] as const

function judge(
  { findings, gaps }: RehearsalReport,
  failOn: RehearsalRequest['failOn'],
): ProjectRehearsal['result'] {
  const limit = WEIGHTS.indexOf(failOn)
  if (findings.some(({ severity }) => WEIGHTS.indexOf(severity) <= limit)) return 'findings'
  return gaps.length > 0 ? 'not_provable' : 'nothing_found'
}

interface QueryFiles {
  /** Undefined where none was named. */
  readonly queries: readonly ApplicationQuery[] | undefined
  readonly unread: number
}

async function readQueryFiles({ queries, queriesRole }: RehearsalRequest): Promise<QueryFiles> {
  const paths = queries.filter((path) => path !== RECORDED)
  if (paths.length === 0) return { queries: undefined, unread: 0 }
  const read = await Promise.all(paths.map(readQueryFile))
  return {
    queries: read.flatMap((one) => one.queries).map((query) => ({ ...query, role: queriesRole ?? null })),
    unread: read.reduce((sum, one) => sum + one.unread, 0),
  }
}

async function readQueryFile(path: string): Promise<ReadQueries> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    const reason = cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : ''
    throw new TidemarkError({
      code: 'TM7012',
      message: `the queries "${path}" cannot be read${reason}`,
      help: 'name a file with SQL or with a log of the application, or pg_stat_statements',
      cause,
    })
  })
  const read = readQueries(text, path)
  if (read.queries.length > 0) return read
  throw new TidemarkError({
    code: 'TM7012',
    message: `no query was found in "${path}"`,
    help: 'write SQL, or a JSON value a line as the logs of Kysely, Drizzle and Prisma have: see docs/rehearse.md',
  })
}

/** A standby cannot be measured, nor can a role do it that may make no temporary table. */
async function calibrateTarget(settings: DatabaseSettings): Promise<Speed | undefined> {
  const connection = await (await openLive(settings, 'write')).connect()
  try {
    return await calibrate(connection)
  } catch (error) {
    const { isServerError } = await import('@tidemark/pg-driver/engine')
    if (!isServerError(error)) throw error
    throw new TidemarkError({
      code: 'TM5055',
      message: `the database cannot be measured: ${error.message}`,
      help: 'leave --calibrate out: sizes and locks are shown without it',
      cause: error,
    })
  } finally {
    await connection.close()
  }
}
