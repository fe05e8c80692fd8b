import { collectAncestors } from '@tidemark/core'
import type { CheckGround } from '../trial/check-ground.ts'
import { runTrials, type Trial } from '../trial/run-trials.ts'

/** More are not looked for: each costs a search. */
const MOST = 6

/**
 * Finds which migrations one needs besides those that it declares: of all that come before it in plan order, the
 * last one of the shortest part with which it succeeds; then, if that one with its ancestors is not enough, the
 * next.
 *
 * @returns indexes, ascending; empty where it fails with everything before it as well.
 */
export async function findMissingDependencies(
  ground: CheckGround,
  index: number,
): Promise<readonly number[]> {
  const declared = ground.graph.dependencies[index] ?? []
  const found: number[] = []
  while (found.length < MOST) {
    const known = [...declared, ...found]
    const candidates = listCandidates(ground, index, known)
    if (!(await succeeds(ground, index, [...known, ...candidates]))) return []
    let low = 0
    let high = candidates.length - 1
    while (low < high) {
      const middle = (low + high) >> 1
      if (await succeeds(ground, index, [...known, ...candidates.slice(0, middle + 1)])) high = middle
      else low = middle + 1
    }
    const needed = candidates[low]
    if (needed === undefined) return found
    found.push(needed)
    if (await succeeds(ground, index, [...declared, ...found])) return found.sort((a, b) => a - b)
  }
  return found.sort((a, b) => a - b)
}

/** What comes before it in plan order and is not among what it needs. */
function listCandidates({ graph }: CheckGround, index: number, known: readonly number[]): readonly number[] {
  const ancestors = collectAncestors(graph.dependencies)
  return Array.from({ length: index }, (_, other) => other).filter(
    (other) => !known.some((one) => one === other || ancestors.needs(one, other)),
  )
}

async function succeeds(ground: CheckGround, index: number, needs: readonly number[]): Promise<boolean> {
  const trial: Trial<boolean> = {
    needs: () => needs,
    runs: [index],
    run: async (bench) => (await bench.run(index, 'up')) === null,
    onGroundFailure: () => false,
  }
  for await (const succeeded of runTrials(ground, [trial])) return succeeded
  return false
}
