import type { RunEvent } from '@tidemark/core'
import type { Log } from './create-log.ts'

interface LogLine {
  readonly level: keyof Log
  readonly fields: Readonly<Record<string, unknown>>
  readonly message: string
}

/** Writes an event of a run as a structured line. SQL stays out of it, and so does row data. */
export function logRunEvent(log: Log, event: RunEvent): void {
  const line = describe(event)
  if (line !== undefined) log[line.level](line.fields, line.message)
}

function describe(event: RunEvent): LogLine | undefined {
  switch (event.kind) {
    case 'connected':
      return info({ target: event.target, serverVersion: event.serverVersion }, 'connected')
    case 'lock_waiting': {
      const { waitedMs, holder } = event
      return info(
        { waitedMs: Math.round(waitedMs), holder: holder?.pid ?? null },
        'waiting for another runner',
      )
    }
    case 'note':
      return info({ help: event.help }, event.message)
    case 'planned': {
      const { steps, digest } = event.plan
      return info({ run: event.runId, steps: steps.map(({ id }) => id), digest }, `planned ${steps.length}`)
    }
    case 'step_started':
      return info({ migration: event.step.id, attempt: event.attempt }, 'started')
    case 'statement_started':
      return {
        level: 'debug',
        fields: { migration: event.id, statement: event.index + 1, of: event.count },
        message: 'statement',
      }
    case 'notice': {
      const { severity, message } = event.notice
      return info({ migration: event.id, severity, notice: message }, 'notice')
    }
    case 'step_retry': {
      const { id: migration, attempt, sqlState, delayMs, blockers } = event
      const fields = {
        migration,
        attempt,
        sqlState,
        delayMs: Math.round(delayMs),
        blockers: blockers.map(({ pid }) => pid),
      }
      return { level: 'warn', fields, message: 'tried again' }
    }
    case 'batch_finished': {
      const { id: migration, progress, batchRows, durationMs, rowsPerSecond } = event
      const { rows, batches, size, percent } = progress
      const fields = { migration, rows, batches, size, percent, batchRows, rowsPerSecond }
      return { level: 'debug', fields: { ...fields, durationMs: Math.round(durationMs) }, message: 'batch' }
    }
    case 'batch_waiting':
      return info({ migration: event.id, lagMs: Math.round(event.lagMs) }, 'waiting for a standby')
    case 'step_paused': {
      const { rows = 0, batches = 0, percent = null } = event.progress ?? {}
      return info({ migration: event.step.id, reason: event.reason, rows, batches, percent }, 'paused')
    }
    case 'backup_finished':
      return info({ migration: event.step.id, backup: event.details }, 'saved')
    case 'step_finished': {
      const { step, durationMs } = event
      return info({ migration: step.id, kind: step.kind, durationMs: Math.round(durationMs) }, 'done')
    }
    case 'step_failed': {
      const { step, error, durationMs } = event
      const { code, location } = error
      const fields = { migration: step.id, code, location, durationMs: Math.round(durationMs) }
      return { level: 'error', fields, message: error.message }
    }
    case 'hook_started':
      return info({ hook: event.hook }, 'hook started')
    case 'hook_output':
      return info({ hook: event.hook }, event.line)
    case 'hook_failed':
      return {
        level: 'warn',
        fields: { hook: event.hook, code: event.error.code },
        message: event.error.message,
      }
    case 'run_finished': {
      const { done, failed, durationMs } = event
      return info({ done, failed, durationMs: Math.round(durationMs) }, 'finished')
    }
    default:
      return undefined
  }
}

function info(fields: LogLine['fields'], message: string): LogLine {
  return { level: 'info', fields, message }
}
