import { TidemarkError } from '@tidemark/core'
import { EXIT, type ExitCode } from './exit-codes.ts'

/** The signals that end a run, as an `AbortSignal` for those who can stop in order. */
export interface Interrupts {
  /** Aborted by the first SIGINT or SIGTERM. Its readers promise to stop soon. */
  readonly signal: AbortSignal
  /** The exit code of the signal that came, if one came. */
  readonly exitCode: ExitCode | undefined
  /** Stops listening. */
  dispose(): void
}

const LAST_WORD = 'ended at once, without waiting for the server; "tidemark status" shows what is applied'

const CODES = { SIGINT: EXIT.interrupted, SIGTERM: EXIT.terminated } as const

/**
 * Listens for SIGINT and SIGTERM. As long as nobody has read `signal`, the first one ends the process at
 * once; afterwards the first asks and the second ends it, with a last word.
 */
export function listenForInterrupts(
  exit: (code: ExitCode) => void,
  say: (text: string) => void = () => undefined,
): Interrupts {
  const controller = new AbortController()
  let watched = false
  let exitCode: ExitCode | undefined
  const listeners = (['SIGINT', 'SIGTERM'] as const).map((name) => {
    const listener = (): void => {
      if (exitCode !== undefined) say(`interrupted again by ${name}: ${LAST_WORD}\n`)
      if (!watched || exitCode !== undefined) exit(CODES[name])
      exitCode = CODES[name]
      controller.abort(describeInterrupt(name))
    }
    process.on(name, listener)
    return { name, listener }
  })
  return {
    get signal() {
      watched = true
      return controller.signal
    },
    get exitCode() {
      return exitCode
    },
    dispose: () => {
      for (const { name, listener } of listeners) process.off(name, listener)
    },
  }
}

/** What is thrown where a run has nothing to undo yet, such as while files are read or a database starts. */
function describeInterrupt(name: string): TidemarkError {
  return new TidemarkError({
    code: 'TM5008',
    message: `interrupted by ${name}`,
    help: 'nothing was applied; run it again',
    details: { applied: [] },
  })
}
