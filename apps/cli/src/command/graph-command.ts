import type { Branches, MigrationGraph } from '@tidemark/core'
import type { Settings } from '../config/settings.ts'
import type { MergeVerdictJson } from '../schema/operation-schemas.ts'
import { BaseCommand } from './base-command.ts'

/** The base of commands about branches. */
export abstract class GraphCommand extends BaseCommand {
  /** Executes branches in both orders; what a shadow needs is loaded only where there are some. */
  protected async checkBranches(
    settings: Settings,
    graph: MigrationGraph,
    pairs: Branches['pairs'],
  ): Promise<readonly MergeVerdictJson[]> {
    if (pairs.length === 0) return []
    const { checkBranches } = await import('../graph/check-branches.ts')
    const { terminal, interrupts, version } = this.runtime
    return checkBranches(settings, { graph, pairs, terminal, signal: interrupts.signal, version })
  }
}
