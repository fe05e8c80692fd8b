import { visibleText } from '@tidemark/core'
import type { Verdict } from './decide.ts'
import type { GateStatus } from './gate-status.ts'
import type { DatabaseStatus } from './query-status.ts'

/** Where the gate looks for its tables, and whether they are there; undefined: no check has succeeded. */
export interface TrackingPlace {
  readonly schema: string
  readonly tables: DatabaseStatus['tables'] | undefined
}

/** How many ids a text names. */
const SHOWN_IDS = 10

/**
 * Says why a gate is closed and what to do, for a log: it names ids, and what the server said.
 *
 * @example describeClosed(gate.status(), { schema: 'public', tables: 'found' })
 * // '1 required migration is pending: 002_b. Run tidemark up'
 */
export function describeClosed(status: GateStatus, place: TrackingPlace): string {
  const { error } = status
  if (error !== null) {
    const help =
      error.help === undefined ? '' : `. ${error.help.charAt(0).toUpperCase()}${error.help.slice(1)}`
    return visibleText(`${error.message} (${error.code})${help}`)
  }
  if (status.kind === 'unknown') {
    return 'no check has finished yet. Check that the database answers and that the pool has a free connection'
  }
  return visibleText(describeVerdict(status, place))
}

function describeVerdict({ pending, failed, ahead }: Verdict, { schema, tables }: TrackingPlace): string {
  if (pending.length === 0) {
    return `the database is ahead of this application: it has completed ${listIds(ahead)}, and the gate has \`ahead: "refuse"\`. Deploy the version that contains ${ahead.length === 1 ? 'it' : 'them'}`
  }
  const words = `${pending.length} required ${pending.length === 1 ? 'migration is' : 'migrations are'} pending: ${listIds(pending)}`
  if (tables === 'missing') {
    return `there are no tracking tables in the schema "${schema}", so ${words}. Run tidemark up, or check that the gate has the database and the \`schema\` of the migrations`
  }
  if (failed.length === 0) return `${words}. Run tidemark up`
  return `${words}; the last attempt at ${listIds(failed)} failed. Fix the ${failed.length === 1 ? 'file' : 'files'} and run tidemark up`
}

function listIds(ids: readonly string[]): string {
  const rest = ids.length - SHOWN_IDS
  return `${ids.slice(0, SHOWN_IDS).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`
}
