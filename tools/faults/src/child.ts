import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'

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
  /** It said that nothing is left to do. */
  readonly isDone: boolean
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
  return followChild(child, parseLine)
}

/** Reads what a process says, line by line of both its outputs, and how it ends. */
export function followChild(
  child: ChildProcessByStdio<null, Readable, Readable>,
  read: (line: string) => ChildLine | undefined,
): Child {
  const told: string[] = []
  let failure: Child['failure']
  let isDone = false
  let errors = ''
  child.stderr.on('data', (chunk) => {
    errors += chunk
  })
  const { promise: connected, resolve } = withResolver()
  for (const input of [child.stdout, child.stderr]) {
    createInterface({ input }).on('line', (line) => {
      const said = read(line)
      if (said?.kind === 'connected') resolve()
      if (said?.kind === 'finished') told.push(said.id)
      if (said?.kind === 'failed') failure = said
      if (said?.kind === 'done') isDone = true
    })
  }
  return {
    told,
    get failure() {
      return failure
    },
    get isDone() {
      return isDone
    },
    connected,
    ended: once(child, 'close').then(() => {
      resolve()
      return { code: child.exitCode, signal: child.signalCode, errors }
    }),
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
