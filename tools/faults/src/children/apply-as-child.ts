import { writeSync } from 'node:fs'
import { type MigrationRunner, TidemarkError } from '@tidemark/core'
import type { ChildLine } from '../child.ts'

/** What a child is told. */
export interface ApplyArgument {
  readonly url: string
  readonly folder: string
  readonly commits?: 'each' | 'grouped'
}

/**
 * Runs everything pending and says what happens, each line written before anything else is done. SIGTERM and
 * SIGINT interrupt the run as they do on the command line.
 */
export async function applyAsChild(runner: MigrationRunner): Promise<void> {
  const interrupt = new AbortController()
  let stoppedBy: number | undefined
  for (const [name, code] of [
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ] as const) {
    process.on(name, () => {
      if (stoppedBy !== undefined) process.exit(code)
      stoppedBy = code
      interrupt.abort(new Error(`interrupted by ${name}`))
    })
  }
  try {
    await runner.runMigrations({
      signal: interrupt.signal,
      onEvent(event) {
        if (event.kind === 'connected') say({ kind: 'connected' })
        if (event.kind === 'step_finished') say({ kind: 'finished', id: event.step.id })
      },
    })
    say({ kind: 'done' })
  } catch (error) {
    if (!(error instanceof TidemarkError)) throw error
    say({ kind: 'failed', code: error.code, message: error.message })
    process.exitCode = stoppedBy ?? 1
  }
}

function say(line: ChildLine): void {
  writeSync(1, `${JSON.stringify(line)}\n`)
}
