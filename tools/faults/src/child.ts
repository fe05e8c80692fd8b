import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

/** What a child says, one JSON object a line. */
export type ChildLine =
  | { readonly kind: 'connected' }
  /** A step of which the run said that it is done. */
  | { readonly kind: 'finished'; readonly id: string }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string }
  | { readonly kind: 'done' }

/** How a child ended. */
export interface ChildEnd {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly errors: string
}

/** A process that applies migrations. */
export interface Child {
  /** Ids that it said are applied. */
  readonly told: readonly string[]
  readonly failure: Extract<ChildLine, { kind: 'failed' }> | undefined
  /** Resolves when it is connected, or has ended without. */
  readonly connected: Promise<void>
  readonly ended: Promise<ChildEnd>
  kill(signal: NodeJS.Signals): void
}

/** Starts a process and reads what it says. */
export function startChild(script: string, argument: Readonly<Record<string, unknown>>): Child {
  const child = spawn(process.execPath, [script, JSON.stringify(argument)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const told: string[] = []
  let failure: Child['failure']
  let errors = ''
  child.stderr.on('data', (chunk) => {
    errors += chunk
  })
  const { promise: connected, resolve } = withResolver()
  const lines = createInterface({ input: child.stdout })
  lines.on('line', (line) => {
    const said = parseLine(line)
    if (said?.kind === 'connected') resolve()
    if (said?.kind === 'finished') told.push(said.id)
    if (said?.kind === 'failed') failure = said
  })
  lines.on('close', resolve)
  return {
    told,
    get failure() {
      return failure
    },
    connected,
    ended: once(child, 'close').then(() => ({ code: child.exitCode, signal: child.signalCode, errors })),
    kill: (signal) => child.kill(signal),
  }
}

/** Undefined for a line that was cut off. */
function parseLine(line: string): ChildLine | undefined {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

function withResolver(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve: () => void = () => undefined
  const promise = new Promise<void>((settle) => {
    resolve = settle
  })
  return { promise, resolve }
}
