import {
  type Migration,
  type MigrationSection,
  quoteIdentifier,
  readStatementFacts,
  type SessionTouch,
} from '@tidemark/core'
import { cannotSquash } from './cannot-squash.ts'

/** What takes back what a section leaves in its session, and what no statement takes back. */
export interface LeftBehind {
  readonly resets: readonly string[]
  readonly notes: readonly string[]
}

// Their resets would also take the limits away that the run itself sets (I8).
const LIMITS = new Set(['lock_timeout', 'statement_timeout'])

/**
 * Finds what a section leaves behind for those after it. Between migrations the session is given back as it
 * was (I4); inside one file statements must do it.
 *
 * @throws {TidemarkError} TM7025 when it changes its role although the header names one.
 */
export function leftBehind(migration: Migration, section: MigrationSection): LeftBehind {
  const touches = section.statements.flatMap(
    (statement) => readStatementFacts(migration.source.text, statement).sessionTouches,
  )
  const outcomes = touches.map((touch) => takeBack(migration, touch))
  return {
    resets: [...new Set(outcomes.flatMap(({ reset }) => reset ?? []))],
    notes: [...new Set(outcomes.flatMap(({ note }) => note ?? []))],
  }
}

interface TakingBack {
  readonly reset?: string
  readonly note?: string
}

function takeBack({ id, header }: Migration, touch: SessionTouch): TakingBack {
  switch (touch.kind) {
    case 'setting':
      if (touch.name === undefined)
        return {
          note: `${id} sets something that is known only when it runs; check whether it still applies to what follows`,
        }
      if (touch.name === 'all') return {}
      if (LIMITS.has(touch.name))
        return { note: `${id} sets ${touch.name}, which holds for all that follows it in the squash` }
      return { reset: `RESET ${quoteSetting(touch.name)};` }
    case 'role':
    case 'session_authorization':
      if (header.role !== null) {
        throw cannotSquash(
          `${id} changes the role that its header names`,
          'squash up to the one before with --through',
        )
      }
      return { reset: touch.kind === 'role' ? 'RESET ROLE;' : 'RESET SESSION AUTHORIZATION;' }
    case 'temporary_object':
      return { reset: 'DISCARD TEMP;' }
    case 'prepared_statement':
      return { reset: 'DEALLOCATE ALL;' }
    case 'cursor':
      return { reset: 'CLOSE ALL;' }
    default:
      return {}
  }
}

/** A name of one's own, such as `app.tenant`, is quoted part by part. */
function quoteSetting(name: string): string {
  return name
    .split('.')
    .map((part) => (/^[a-z_][a-z0-9_]*$/.test(part) ? part : quoteIdentifier(part)))
    .join('.')
}
