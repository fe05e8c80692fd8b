import { spawnSync } from 'node:child_process'
import type { Contender } from './contender.ts'

/** Whole processes, from start to end, in milliseconds. */
export interface Measured {
  readonly name: string
  readonly best: number
  readonly median: number
}

/**
 * Runs all commands in turns, so that what else the machine does meets all alike.
 *
 * @throws Error when one of them fails: a fast failure is no result.
 */
export function measureInTurns(contenders: readonly Contender[], rounds: number): readonly Measured[] {
  const times = contenders.map((): number[] => [])
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, contender] of contenders.entries()) times[index]?.push(runOnce(contender))
  }
  return contenders.map(({ name }, index) => {
    const sorted = [...(times[index] ?? [])].sort((a, b) => a - b)
    return { name, best: sorted[0] ?? 0, median: sorted[Math.floor(sorted.length / 2)] ?? 0 }
  })
}

/** Runs a command once and gives the time that it took. */
export function runOnce({ name, command, args, cwd, env }: Contender): number {
  const startedAt = performance.now()
  const { status, stderr, error } = spawnSync(command, args, {
    cwd,
    env: { PATH: process.env['PATH'] ?? '', HOME: cwd, ...env },
    encoding: 'utf8',
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const ms = performance.now() - startedAt
  if (status !== 0) throw new Error(`${name} failed: ${error?.message ?? stderr.trim().slice(-300)}`)
  return ms
}
