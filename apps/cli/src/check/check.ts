import { join } from 'node:path'
import type { Diagnostic, MigrationGraph, MigrationId } from '@tidemark/core'
import {
  CHECK_SEVERITIES,
  type CheckCacheOptions,
  type CheckPart,
  type CheckProgress,
  type CheckReport,
  type CheckSeverity,
  checkMigrations,
  downVerdictOf,
  identifyShadow,
} from '@tidemark/shadow'
import { buildId } from '../cache/cache-folder.ts'
import type { Settings } from '../config/settings.ts'
import { keepDownVerdicts } from '../project/down-verdicts.ts'
import { readProject } from '../project/read-project.ts'
import { openProjectShadow, shadowFolder, shadowOptions } from '../shadow/open-project-shadow.ts'
import { type CheckSelection, chooseChecked } from './choose-checked.ts'
import type { FixOutcome } from './fix/fix-outcome.ts'

/** What `check` was asked for. */
export interface CheckRequest extends CheckSelection {
  readonly parts: readonly CheckPart[] | undefined
  /** Findings of this weight and above fail. */
  readonly failOn: CheckSeverity
  /** Whether the result of an earlier check of the same is enough. */
  readonly cache: CheckCacheOptions['mode']
  /** Of this tool. */
  readonly version: string
  readonly onProgress: (progress: CheckProgress) => void
  readonly signal: AbortSignal
}

/** What a check came to. */
export interface CheckOutcome {
  readonly graph: MigrationGraph
  /** Null where there was nothing to check. */
  readonly report: CheckReport | null
  /** Why this was checked and nothing else. */
  readonly why: string
  /** Findings win over gaps. */
  readonly result: 'proven' | 'findings' | 'not_provable'
  /** Warnings and notes on files. */
  readonly notes: readonly Diagnostic[]
  /** What `--fix` did; null without it. */
  readonly fix: FixOutcome | null
}

/** What is checked: some migrations of a project. */
export interface CheckedProject extends Pick<CheckOutcome, 'graph' | 'why' | 'notes'> {
  readonly ids: readonly MigrationId[]
}

/**
 * Checks migrations of the project on a shadow.
 *
 * @throws {TidemarkError} for wrong files, an unknown revision, and whatever `checkMigrations` throws.
 */
export async function check(settings: Settings, request: CheckRequest): Promise<CheckOutcome> {
  const { graph, notes } = await readProject(settings)
  const { ids, why } = await chooseChecked(graph, request, settings.migrations)
  return checkGraph(settings, request, { graph, ids, why, notes })
}

/**
 * Checks some migrations of a project that is read already.
 *
 * @throws {TidemarkError} whatever `checkMigrations` throws.
 */
export async function checkGraph(
  settings: Settings,
  request: Omit<CheckRequest, keyof CheckSelection>,
  { graph, ids, why, notes }: CheckedProject,
): Promise<CheckOutcome> {
  const outcome = { graph, why, notes, fix: null }
  if (ids.length === 0) return { ...outcome, report: null, result: 'proven' }
  const report = await checkMigrations({
    migrations: graph.nodes.map(({ migration }) => migration),
    ids,
    variables: settings.variables,
    parts: request.parts,
    cache: await cacheOf(settings, request),
    lint: { severities: settings.lint.rules, exposedSchemas: settings.exposedSchemas },
    open: (migrations, signal) => openProjectShadow(settings, migrations, { signal }),
    onProgress: request.onProgress,
    signal: request.signal,
  })
  if (report.reversibility !== null) {
    await keepDownVerdicts(
      graph.nodes.map(({ migration }) => migration),
      settings.folder,
      new Map(report.reversibility.map((one) => [one.migrationId, downVerdictOf(one)])),
    )
  }
  return { ...outcome, report, result: judge(report, request.failOn) }
}

/** A report rests on all settings, also on those of which no part of a check knows today. */
async function cacheOf(
  settings: Settings,
  { cache, version }: Pick<CheckRequest, 'cache' | 'version'>,
): Promise<CheckCacheOptions> {
  const { origins, unsetDatabase, ...values } = settings
  const shadow = await identifyShadow(shadowOptions(settings))
  const identity = JSON.stringify([shadow, version, buildId ?? null, values])
  return { folder: join(shadowFolder(settings.folder), 'checks'), identity, mode: cache }
}

/** Says what a report comes to. */
export function judge({ findings, gaps }: CheckReport, failOn: CheckSeverity): CheckOutcome['result'] {
  const limit = CHECK_SEVERITIES.indexOf(failOn)
  if (findings.some(({ severity }) => CHECK_SEVERITIES.indexOf(severity) <= limit)) return 'findings'
  return gaps.length > 0 ? 'not_provable' : 'proven'
}
