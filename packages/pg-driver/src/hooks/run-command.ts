import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

/** How a command is run. */
export interface RunCommandOptions {
  /** Written to its standard input. */
  readonly input: string
  /** Variables beside those of this process; undefined takes one away. */
  readonly variables: Readonly<Record<string, string | undefined>>
  /** Where it runs. */
  readonly folder: string
  /** Ends it, with what it started. */
  readonly signal: AbortSignal
  /** Takes each line of its output and of its errors. */
  readonly onOutput: (line: string) => void
}

const isWindows = process.platform === 'win32'

/** After SIGTERM; then SIGKILL. */
const GRACE_MS = 1000

/** What it left running may keep its output open. */
const OUTPUT_GRACE_MS = 200

/** Runs a command without a shell; rejects unless it ends with exit code 0. */
export async function runCommand(
  [program = '', ...args]: readonly string[],
  { input, variables, folder, signal, onOutput }: RunCommandOptions,
): Promise<void> {
  const child = spawn(program, args, {
    cwd: folder,
    env: { ...process.env, ...variables },
    stdio: ['pipe', 'pipe', 'pipe'],
    // A group of its own, so that what it started is ended with it.
    detached: !isWindows,
  })
  const started = new Promise<never>((_, reject) =>
    child.once('error', (error) => reject(new Error(`"${program}" cannot be run: ${error.message}`))),
  )
  for (const output of [child.stdout, child.stderr]) createInterface({ input: output }).on('line', onOutput)
  child.stdin.on('error', () => undefined) // it may end without reading
  child.stdin.end(input)
  const ended = once(child, 'exit')
  const stop = (): void => endGroup(child)
  signal.addEventListener('abort', stop, { once: true })
  try {
    await Promise.race([ended, started])
    await closeOutput(child)
  } finally {
    signal.removeEventListener('abort', stop)
  }
  if (child.exitCode === 0) return
  const how = child.exitCode === null ? `signal ${child.signalCode}` : `exit code ${child.exitCode}`
  throw new Error(`"${program}" ended with ${how}`)
}

async function closeOutput(child: ChildProcess): Promise<void> {
  const isOpen = [child.stdout, child.stderr].some((output) => output?.readableEnded === false)
  if (!isOpen) return
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, OUTPUT_GRACE_MS)
  })
  await Promise.race([once(child, 'close'), late])
  clearTimeout(timer)
  child.stdout?.destroy()
  child.stderr?.destroy()
}

function endGroup(child: ChildProcess): void {
  kill(child, 'SIGTERM')
  const timer = setTimeout(() => kill(child, 'SIGKILL'), GRACE_MS)
  child.once('exit', () => {
    clearTimeout(timer)
    kill(child, 'SIGKILL')
  })
}

/** Nothing to do where nothing is left. */
function kill(child: ChildProcess, signal: NodeJS.Signals): void {
  const { pid } = child
  if (pid === undefined) return
  try {
    if (isWindows) child.kill(signal)
    else process.kill(-pid, signal)
  } catch {
    // It has ended.
  }
}
