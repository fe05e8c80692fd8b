import type { Redactor } from '../redact/redactor.ts'
import type { Interrupts } from '../terminal/interrupts.ts'
import type { OutputGuard } from '../terminal/survive-output.ts'
import type { Terminal } from '../terminal/terminal.ts'

/** What belongs to the process and not to one command: made once by `main`, before oclif loads a command. */
export interface Runtime {
  readonly redactor: Redactor
  readonly terminal: Terminal
  readonly interrupts: Interrupts
  readonly output: OutputGuard
  readonly version: string
}

let current: Runtime | undefined

/** Keeps the runtime for commands, which oclif constructs without a way to hand anything over. */
export function setRuntime(runtime: Runtime): void {
  current = runtime
}

/** Gives the runtime that `main` made. */
export function getRuntime(): Runtime {
  if (current === undefined) throw new TypeError('a command ran before the runtime was made')
  return current
}
