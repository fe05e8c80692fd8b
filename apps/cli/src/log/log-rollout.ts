import type { FleetEvent } from '@tidemark/fleet'
import type { Log } from './create-log.ts'

/** A log whose lines all name the target. */
export function logOfTarget(log: Log, fleetTarget: string): Log {
  const named = (level: keyof Log) => (fields: Readonly<Record<string, unknown>>, message: string) =>
    log[level]({ fleetTarget, ...fields }, message)
  return { info: named('info'), debug: named('debug'), warn: named('warn'), error: named('error') }
}

/** Writes an event of a rollout as a structured line. */
export function logFleetEvent(log: Log, event: FleetEvent): void {
  const { level = 'info', message, fields } = describe(event)
  log[level](fields, message)
}

function describe(event: FleetEvent): {
  readonly level?: 'error'
  readonly fields: Readonly<Record<string, unknown>>
  readonly message: string
} {
  switch (event.kind) {
    case 'wave_started': {
      const { kind: _, ...fields } = event
      return { fields, message: 'wave started' }
    }
    case 'target_started':
      return { fields: { fleetTarget: event.name, wave: event.wave }, message: 'target started' }
    case 'target_finished': {
      const { name: fleetTarget, wave, kind: outcome } = event.outcome
      const fields = { fleetTarget, wave, outcome }
      if (event.outcome.kind !== 'failed') return { fields, message: 'target finished' }
      const { code, message } = event.outcome.error
      return { level: 'error', fields: { ...fields, code }, message }
    }
    case 'pausing':
      return {
        fields: { durationMs: event.durationMs, next: event.next },
        message: 'waiting before the next wave',
      }
    case 'queued': {
      const { kind: _, ...fields } = event
      return { fields, message: 'queued' }
    }
    case 'waiting':
      return { fields: { direction: event.direction }, message: 'no worker has taken anything of it yet' }
    case 'paused':
    case 'resumed':
      return { fields: {}, message: event.kind }
    case 'stopped': {
      const { kind: _, ...fields } = event
      return { level: 'error', fields, message: 'stopped: more targets failed than may' }
    }
  }
}
