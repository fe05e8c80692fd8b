import { join } from 'node:path'
import type { Diagnostic, MigrationGraph } from '@tidemark/core'
import {
  CHECK_SEVERITIES,
  type CheckCacheOptions,
  type CheckPart,
  type CheckProgress,
  type CheckReport,
  type CheckSeverity,
  checkMigrations,
  identifyShadow,
} from '@tidemark/shadow'
import { buildId } from '../cache/cache-folder.ts'
import type { Settings } from '../config/settings.ts'
import { readProject } from '../project/read-project.ts'
import { openProjectShadow, shadowFolder, shadowOptions } from '../shadow/open-project-shadow.ts'
import { type CheckSelection, chooseChecked } from './choose-checked.ts'

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
}

/**
 * Checks migrations of the project on a shadow.
 *
 * @throws {TidemarkError} for wrong files, an unknown revision, and whatever `checkMigrations` throws.
 */
export async function check(settings: Settings, request: CheckRequest): Promise<CheckOutcome> {
  const { graph, notes } = await readProject(settings)
  const { ids, why } = await chooseChecked(graph, request, settings.migrations)
  if (ids.length === 0) return { graph, report: null, why, result: 'proven', notes }
  const report = await checkMigrations({
    migrations: graph.nodes.map(({ migration }) => migration),
    ids,
    variables: settings.variables,
    parts: request.parts,
    cache: await cacheOf(settings, request),
    lint: { severities: settings.lint.rules, exposedSchemas: settings.exposedSchemas },
    open: (migrations) => openProjectShadow(settings, migrations),
    onProgress: request.onProgress,
    signal: request.signal,
  })
  return { graph, report, why, result: judge(report, request.failOn), notes }
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

function judge({ findings, gaps }: CheckReport, failOn: CheckSeverity): CheckOutcome['result'] {
  const limit = CHECK_SEVERITIES.indexOf(failOn)
  if (findings.some(({ severity }) => CHECK_SEVERITIES.indexOf(severity) <= limit)) return 'findings'
  return gaps.length > 0 ? 'not_provable' : 'proven'
}
