import { checkToJson } from '../check/check-to-json.ts'
import { errorToJson } from '../failure/error-to-json.ts'
import type { DevJson } from '../schema/dev-schemas.ts'
import type { DevEvent } from './dev-event.ts'

/** Gives an event as one line of `--json`. */
export function devToJson(event: DevEvent): DevJson {
  switch (event.kind) {
    case 'watching':
      return {
        kind: event.kind,
        folder: event.folder,
        migrations: event.migrations,
        applies: event.target !== null,
        why: event.why,
      }
    case 'problems':
    case 'failed':
      return { kind: event.kind, ...errorToJson(event.error) }
    case 'checked':
      return {
        kind: event.kind,
        saved: [...event.changes.saved],
        removed: [...event.changes.removed],
        durationMs: Math.round(event.durationMs),
        check: event.outcome.report === null ? null : checkToJson(event.outcome),
      }
    case 'order':
      return { kind: event.kind, check: checkToJson(event.outcome) }
    case 'applied':
      return {
        kind: event.kind,
        action: event.action,
        ids: [...event.ids],
        durationMs: Math.round(event.durationMs),
      }
    case 'left':
      return { kind: event.kind, id: event.id, why: event.why, command: event.command }
    case 'refreshed':
      return { kind: event.kind, path: event.path }
    case 'hook':
      return { kind: event.kind, hook: event.hook, line: event.line }
  }
}
