import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** The entry that users run. */
export const ENTRY = fileURLToPath(new URL('../../bin/run.js', import.meta.url))

/** What a process wrote and how it ended. */
export interface Outcome {
  readonly code: number | null
  readonly stdout: string
  /** Without the lines that name the pages of errors: `error-pages.test.ts` has them. */
  readonly stderr: string
}

/** How {@link runTidemark} starts the process. */
export interface RunOptions {
  readonly cwd: string
  readonly env?: Readonly<Record<string, string>>
  /** Sent once this text is on stderr or stdout. */
  readonly signalAt?: { readonly text: string; readonly signal: NodeJS.Signals }
}

/**
 * Runs the built command line without a terminal, and without anything of this machine's environment that it
 * looks at.
 */
export function runTidemark(args: readonly string[], options: RunOptions): Promise<Outcome> {
  const child = spawn(process.execPath, [ENTRY, ...args], {
    cwd: options.cwd,
    env: { ...plainEnvironment(), ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const out = { stdout: '', stderr: '' }
  let isSignalled = false
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      out[name] += text
      const { signalAt } = options
      if (signalAt === undefined || isSignalled || !out[name].includes(signalAt.text)) return
      isSignalled = true
      child.kill(signalAt.signal)
    })
  }
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, ...out, stderr: withoutPages(out.stderr) }))
  })
}

/** Takes the addresses of error pages out of an output: `error-pages.test.ts` looks at them. */
export function withoutPages(output: string): string {
  return output.replace(/^see: https:\S+\/errors\/TM\d{4}\n/gm, '')
}

/** The environment without what changes the command line's behaviour. */
export function plainEnvironment(): Record<string, string> {
  const entries = Object.entries(process.env).filter(([name, value]) => {
    return (
      value !== undefined &&
      !/^(TIDEMARK_|PG|DATABASE_URL|CI$|NO_COLOR|FORCE_COLOR|DEBUG|COLUMNS|NODE_ENV|VITEST|NODE_OPTIONS|npm_)/.test(
        name,
      )
    )
  })
  return Object.fromEntries(entries.map(([name, value]) => [name, value ?? '']))
}
