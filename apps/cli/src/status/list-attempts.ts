import { type MigrationAttempt, type PlanTarget, suggest, TidemarkError } from '@tidemark/core'
import type { DatabaseSettings } from '../database/require-database.ts'
import { readState, withReader } from './read-state.ts'

/** Which attempts `history` lists. */
export interface AttemptQuery {
  readonly id: string | undefined
  readonly slowest: boolean
  /** A day or a moment in ISO 8601, or how long ago: `2h`, `7d`. */
  readonly since: string | undefined
  readonly limit: number
}

/** Attempts, and of which database. */
export interface Attempts {
  readonly target: PlanTarget
  readonly attempts: readonly MigrationAttempt[]
}

/**
 * Lists attempts, newest first or slowest first.
 *
 * @throws {TidemarkError} TM7008 when `since` is no date, TM2007 for an id that neither a file nor a row has.
 */
export async function listAttempts(
  settings: DatabaseSettings,
  query: AttemptQuery,
  signal: AbortSignal,
): Promise<Attempts> {
  const { id, slowest, limit } = query
  const since = query.since === undefined ? undefined : readDate(query.since)
  const filter = {
    ...(id === undefined ? {} : { id }),
    ...(since === undefined ? {} : { since }),
    ...(slowest ? {} : { limit }),
  }
  const read = await withReader(settings, signal, async ({ target, store }) => ({
    target,
    attempts: await store.listAttempts(filter),
  }))
  if (id !== undefined && read.attempts.length === 0) await refuseUnknown(settings, id, signal)
  if (!slowest) return read
  const sorted = [...read.attempts].sort((a, b) => (b.executionTimeMs ?? -1) - (a.executionTimeMs ?? -1))
  return { ...read, attempts: sorted.slice(0, limit) }
}

/** Nothing has happened to it: perhaps nobody knows it. */
async function refuseUnknown(settings: DatabaseSettings, id: string, signal: AbortSignal): Promise<void> {
  const { project, history } = await readState(settings, {}, signal)
  const rows = history.kind === 'absent' ? [] : history.rows.map((row) => row.id)
  const known = new Set([...project.graph.indexes.keys(), ...rows])
  if (known.has(id)) return
  const near = suggest(id, known)
  throw new TidemarkError({
    code: 'TM2007',
    message: `no migration has the id "${id}"`,
    help: near === undefined ? 'list the ids with: tidemark status' : `did you mean "${near}"?`,
  })
}

const UNITS: Readonly<Record<string, number>> = { s: 1, min: 60, h: 3600, d: 86_400, w: 604_800 }

/** Reads a day, a moment, or how long ago. @throws {TidemarkError} TM7008. */
export function readDate(text: string): Date {
  const [, count, unit = ''] = /^(\d{1,6})(s|min|h|d|w)$/.exec(text) ?? []
  if (count !== undefined) return new Date(Date.now() - Number(count) * (UNITS[unit] ?? 0) * 1000)
  const date = new Date(text)
  if (/^\d{4}-\d{2}-\d{2}/.test(text) && !Number.isNaN(date.getTime())) return date
  throw new TidemarkError({
    code: 'TM7008',
    message: `"${text}" is neither a date nor a duration`,
    help: 'write `--since 2026-11-01`, `--since 2026-11-01T09:30:00Z`, or `--since 2h` (s, min, h, d, w)',
  })
}
