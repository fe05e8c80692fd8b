import { TidemarkError } from '@tidemark/core'
import { type Attempts, readAttempts } from './read-attempts.ts'
import type { DatabaseSettings } from './require-database.ts'

/** Which attempts `history` lists. */
export interface AttemptQuery {
  readonly id: string | undefined
  readonly slowest: boolean
  /** A day or a moment in ISO 8601. */
  readonly since: string | undefined
  readonly limit: number
}

/**
 * Lists attempts, newest first or slowest first.
 *
 * @throws {TidemarkError} TM7008 when `since` is no date.
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
  const read = await readAttempts(settings, filter, signal)
  if (!slowest) return read
  const sorted = [...read.attempts].sort((a, b) => (b.executionTimeMs ?? -1) - (a.executionTimeMs ?? -1))
  return { ...read, attempts: sorted.slice(0, limit) }
}

function readDate(text: string): Date {
  const date = new Date(text)
  if (/^\d{4}-\d{2}-\d{2}/.test(text) && !Number.isNaN(date.getTime())) return date
  throw new TidemarkError({
    code: 'TM7008',
    message: `"${text}" is no date`,
    help: 'write `--since 2026-11-01` or `--since 2026-11-01T09:30:00Z`',
  })
}
