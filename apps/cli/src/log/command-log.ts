import { TidemarkError } from '@tidemark/core'
import type { Settings } from '../config/settings.ts'
import type { Redactor } from '../redact/redactor.ts'
import { createLog } from './create-log.ts'

/**
 * What a command leaves in the structured log: also one that only reads, and one that fails before it
 * connects.
 */
export interface CommandLog {
  readonly failed: (error: Error) => void
  readonly ended: (exitCode: number | string) => void
}

/**
 * Opens the log for a command and writes that it has begun; undefined where no log is asked for.
 *
 * @throws {TidemarkError} TM7003 when the file cannot be written.
 */
export async function openCommandLog(
  settings: Pick<Settings, 'logFile' | 'logLevel'>,
  command: string,
  redactor: Redactor,
): Promise<CommandLog> {
  const log = await createLog(settings, redactor)
  const startedAt = performance.now()
  log.info({ command }, 'command started')
  return {
    failed: (error) => {
      const known = error instanceof TidemarkError ? { code: error.code, location: error.location } : {}
      log.error({ command, ...known }, error.message)
    },
    ended: (exitCode) => {
      const durationMs = Math.round(performance.now() - startedAt)
      log.info({ command, exitCode, durationMs }, 'command ended')
    },
  }
}
