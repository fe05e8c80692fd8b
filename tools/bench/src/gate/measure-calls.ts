import { schemaGate } from '@tidemark/express'
import type { Gate } from '@tidemark/gate'

const CALLS = 20_000_000
const ROUNDS = 5

/** Measures what an open gate adds to a call of its middleware: nanoseconds, the median of several rounds. */
export function measureCalls(gate: Gate): { readonly 'ns a call': string } {
  const handle = schemaGate(gate) as unknown as (request: object, response: object, next: () => void) => void
  const rounds = Array.from({ length: ROUNDS }, () => measureRound(handle)).sort((a, b) => a - b)
  return { 'ns a call': (rounds[Math.floor(ROUNDS / 2)] ?? Number.NaN).toFixed(2) }
}

function measureRound(handle: (request: object, response: object, next: () => void) => void): number {
  let passed = 0
  const next = () => {
    passed += 1
  }
  const request = {}
  const started = performance.now()
  for (let index = 0; index < CALLS; index += 1) handle(request, request, next)
  const elapsedMs = performance.now() - started
  if (passed !== CALLS) throw new Error('a call did not pass')
  return (elapsedMs * 1e6) / CALLS
}
