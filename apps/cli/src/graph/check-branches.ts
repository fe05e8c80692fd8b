import { type Branches, type MigrationGraph, type MigrationId, TidemarkError } from '@tidemark/core'
import { type CheckOutcome, checkGraph } from '../check/check.ts'
import { findingToJson } from '../check/check-to-json.ts'
import { watchCheck } from '../check/watch-check.ts'
import type { Settings } from '../config/settings.ts'
import type { MergeVerdictJson } from '../schema/operation-schemas.ts'
import type { Terminal } from '../terminal/terminal.ts'

/** What {@link checkBranches} works with. */
export interface BranchesRequest {
  readonly graph: MigrationGraph
  readonly pairs: Branches['pairs']
  readonly terminal: Pick<Terminal, 'live'>
  readonly signal: AbortSignal
  /** Of this tool. */
  readonly version: string
}

/**
 * Executes the branches of each two heads in both orders on a shadow. A check that does not run is a verdict, too:
 * nothing is known then.
 *
 * @returns a verdict for each pair.
 * @throws the reason of the signal when it is interrupted.
 */
export async function checkBranches(
  settings: Settings,
  { graph, pairs, terminal, signal, version }: BranchesRequest,
): Promise<readonly MergeVerdictJson[]> {
  const ids = [...new Set(pairs.flatMap(({ brings }) => brings.flat()))]
  if (ids.length === 0) return []
  const progress = watchCheck(terminal)
  try {
    const outcome = await checkGraph(
      settings,
      { parts: ['order'], failOn: 'note', cache: 'use', onProgress: progress.show, signal, version },
      { graph, ids, why: '', notes: [] },
    )
    return pairs.map(({ brings }) => judgePair(brings, outcome))
  } catch (error) {
    signal.throwIfAborted()
    if (!(error instanceof TidemarkError)) throw error
    return pairs.map(() => unknown(error.message))
  } finally {
    progress.end()
  }
}

function judgePair(
  brings: Branches['pairs'][number]['brings'],
  { report, graph }: CheckOutcome,
): MergeVerdictJson {
  const isOfBoth = (ids: readonly MigrationId[]) =>
    brings.every((side) => side.some((id) => ids.includes(id)))
  const findings = (report?.findings ?? []).filter(
    ({ part, migrationId, others }) => part === 'order' && isOfBoth([migrationId, ...others]),
  )
  if (findings.length > 0) {
    return { result: 'matters', findings: findings.map((one) => findingToJson(one, graph)), why: null }
  }
  const why = whyUnknown(new Set(brings.flat()), report)
  return why === undefined ? { result: 'same', findings: [], why: null } : unknown(why)
}

function whyUnknown(ids: ReadonlySet<MigrationId>, report: CheckOutcome['report']): string | undefined {
  const failed = report?.findings.find(({ error, migrationId }) => error !== null && ids.has(migrationId))
  if (failed !== undefined) return `"${failed.migrationId}" does not run: ${failed.message}`
  const gap = report?.gaps.find(({ migrationId }) => ids.has(migrationId))
  return gap && `"${gap.migrationId}" ${gap.why}`
}

function unknown(why: string): MergeVerdictJson {
  return { result: 'not_checked', findings: [], why }
}
