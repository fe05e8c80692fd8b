import type { Branches } from '@tidemark/core'
import type { MergeVerdictJson } from '../schema/operation-schemas.ts'
import { count } from '../text/count.ts'
import { listFew } from '../text/few.ts'
import type { Paint } from '../text/paint.ts'
import { presentMergeVerdict } from './present-merge-verdict.ts'

/** How {@link presentBranches} writes. */
export interface BranchesView {
  readonly paint: Paint
  /** The command that joins the heads, with its target flags. */
  readonly merge: string
  /** What executing each pair showed, in the order of `pairs`; empty where nothing was executed. */
  readonly orders: readonly MergeVerdictJson[]
}

/**
 * Writes the heads; for each two of them the fork point, what each side brings, and what both change. Of many
 * heads, what each brings and what several change.
 */
export function presentBranches(all: Branches, { paint, merge, orders }: BranchesView): string {
  const { branches, pairs } = all
  const [only] = branches
  if (only === undefined) return 'no migrations'
  if (branches.length === 1) return `1 head: ${only.head}. Nothing to merge.`
  const heads = `${count(branches.length, 'head')}: ${listFew(branches.map(({ head }) => head))}`
  const blocks =
    pairs.length > 0
      ? pairs.map((pair, place) => presentPair(pair, orders[place], paint))
      : presentMany(all, paint)
  const end = `Several heads are fine: \`up\` applies all. Join them with \`${merge}\`.`
  return [paint.bold(heads), ...blocks, end].join('\n\n')
}

function presentPair(
  { heads, forkPoint, brings, touchedByBoth }: Branches['pairs'][number],
  order: MergeVerdictJson | undefined,
  paint: Paint,
): string {
  const fork = forkPoint === null ? 'have no common ancestor' : `diverge after ${forkPoint}`
  const width = Math.max(...heads.map((head) => head.length))
  const sides = heads.map((head, side) => {
    const ids = brings[side] ?? []
    return `  ${head.padEnd(width)}  brings ${ids.length === 0 ? 'nothing' : ids.join(', ')}`
  })
  const touched = touchedByBoth.map(
    ({ object, by }) =>
      `  ${paint.yellow('!')} both change ${object}: ${by[0].join(', ')} and ${by[1].join(', ')}`,
  )
  const calm = touched.length === 0 ? [paint.dim('  they change no object in common')] : touched
  const executed = order === undefined ? [] : presentMergeVerdict(order, paint)
  return [`${heads[0]} and ${heads[1]} ${fork}`, ...sides, ...calm, ...executed].join('\n')
}

function presentMany({ branches, touchedBySeveral }: Branches, paint: Paint): readonly string[] {
  const width = Math.max(...branches.map(({ head }) => head.length))
  const sides = branches.map(({ head, brings }) => `  ${head.padEnd(width)}  brings ${listFew(brings)}`)
  const touched = touchedBySeveral.map(({ object, by }) => {
    const ids = listFew(by.flatMap((one) => one.ids))
    return `  ${paint.yellow('!')} ${count(by.length, 'branch', 'branches')} change ${object}: ${ids}`
  })
  const calm = touched.length === 0 ? [paint.dim('  they change no object in common')] : touched
  return [sides.join('\n'), calm.join('\n')]
}
