import type { Migration } from '@tidemark/core'
import type { Shadow } from '../../port/shadow.ts'
import { migrationAt, type TrialGraph } from './trial-graph.ts'

/** What every part of a check works on. */
export interface CheckGround {
  readonly graph: TrialGraph
  /** The migrations that are checked, by index. */
  readonly checked: ReadonlySet<number>
  /** Opens a shadow that has these migrations, which hold all that they need. Closed by the caller. */
  open(migrations: readonly Migration[]): Promise<Shadow>
  /** The schema of the tracking tables. */
  readonly trackingSchema: string
  /** Called as a part goes on: how much of how much is done. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined
  readonly signal?: AbortSignal | undefined
}

/** Opens a shadow, does something with it, and closes it. */
export async function withShadow<T>(
  ground: CheckGround,
  indexes: readonly number[],
  work: (shadow: Shadow) => Promise<T>,
): Promise<T> {
  ground.signal?.throwIfAborted()
  const shadow = await ground.open(indexes.map((index) => migrationAt(ground.graph, index)))
  try {
    return await work(shadow)
  } finally {
    await shadow.close()
  }
}
