import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { APPLICATIONS } from './applications.ts'
import type { LoadOrder, LoadReport } from './load-generator.ts'
import type { ServerReport } from './serve-application.ts'

/** One turn of an application, or two added up. */
interface Turn {
  readonly elapsedMs: number
  readonly cpuUs: number
}

/** What one application did in one launch: medians over its rounds. */
export interface Launch {
  readonly requestsPerSecond: number
  readonly cpuUs: number
  /** Over the bare application of the same launch. */
  readonly throughput: number
  readonly cpu: number
}

/** Short turns: what else the machine does lasts longer, and meets every application of a round alike. */
const REQUESTS = 200
const WARM_UP_ROUNDS = 30

/**
 * Starts the applications of a framework in a new process, and loads them in rounds, each of them there and
 * back (A B C C B A), so that a machine that slows down or speeds up favours none. A round gives one ratio to
 * the bare application. The order differs from launch to launch, since what V8 has seen first it may run
 * faster.
 */
export async function launch(framework: string, turn: number, forMs: number): Promise<Map<string, Launch>> {
  const names = Object.keys(APPLICATIONS[framework] ?? {})
  const order = names.map((_, index) => names[(index + turn) % names.length] ?? '')
  const generator = fork(process.argv[1] ?? '', ['load'])
  const server = fork(process.argv[1] ?? '', ['serve', framework, ...order])
  const { ports } = await receive<ServerReport>(server)
  const runs = order.map((name) => () => runTurn(generator, server, ports[name] ?? 0))
  for (let round = 0; round < WARM_UP_ROUNDS; round += 1) await runRound(runs)
  const rounds: (readonly Turn[])[] = []
  const until = performance.now() + forMs
  while (performance.now() < until) rounds.push(await runRound(runs))
  for (const child of [generator, server]) child.disconnect()
  const bare = order.indexOf(names[0] ?? '')
  return new Map(order.map((name, index) => [name, summarize(rounds, index, bare)]))
}

async function runRound(runs: readonly (() => Promise<Turn>)[]): Promise<Turn[]> {
  const there: Turn[] = []
  for (const run of runs) there.push(await run())
  const back: Turn[] = []
  for (const run of [...runs].reverse()) back.unshift(await run())
  return there.map(({ elapsedMs, cpuUs }, index) => ({
    elapsedMs: elapsedMs + (back[index]?.elapsedMs ?? Number.NaN),
    cpuUs: cpuUs + (back[index]?.cpuUs ?? Number.NaN),
  }))
}

async function runTurn(generator: ChildProcess, server: ChildProcess, port: number): Promise<Turn> {
  const order: LoadOrder = { port, requests: REQUESTS }
  const before = await ask<ServerReport>(server, 'cpu')
  const { elapsedMs } = await ask<LoadReport>(generator, order)
  const after = await ask<ServerReport>(server, 'cpu')
  return { elapsedMs, cpuUs: after.cpuUs - before.cpuUs }
}

function ask<Answer>(child: ChildProcess, question: LoadOrder | 'cpu'): Promise<Answer> {
  const answer = receive<Answer>(child)
  child.send(question)
  return answer
}

async function receive<Answer>(child: ChildProcess): Promise<Answer> {
  const [answer]: Answer[] = await once(child, 'message')
  if (answer === undefined) throw new TypeError('no answer')
  return answer
}

function summarize(rounds: readonly (readonly Turn[])[], own: number, bare: number): Launch {
  const pick = (read: (own: Turn, bare: Turn) => number) =>
    median(rounds.flatMap(({ [own]: mine, [bare]: its }) => (mine && its ? [read(mine, its)] : [])))
  return {
    requestsPerSecond: (2 * REQUESTS * 1000) / pick((mine) => mine.elapsedMs),
    cpuUs: pick((mine) => mine.cpuUs) / (2 * REQUESTS),
    throughput: pick((mine, its) => its.elapsedMs / mine.elapsedMs),
    cpu: pick((mine, its) => mine.cpuUs / its.cpuUs),
  }
}

/** The middle of the values, whatever their order. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2
}
