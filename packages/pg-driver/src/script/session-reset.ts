import { dollarQuote } from '../statement/dollar-quote.ts'
import { PIN_SEARCH_PATH } from '../statement/search-path.ts'
import type { FileFacts } from './file-facts.ts'

/** What a reset needs to know of its session. */
export interface ResetOptions {
  readonly lockKey: string
  /** Statements to repeat after RESET ALL, see `Connection.sessionSettings`. */
  readonly sessionSettings: readonly string[]
}

/** Also drops the statements that are ours. */
export const DEALLOCATE = 'DEALLOCATE ALL'

/**
 * What gives a session back as it was (I4), as far as the file's text cannot rule out a need; the roles are
 * left before. It is sent between record and COMMIT, so a reset that fails takes its own migration with it,
 * and the next one never begins in a session that was not reset. `DISCARD ALL` would drop the run lock;
 * advisory locks that the file took at session level are released by key. A LISTEN takes effect at COMMIT,
 * and so not at all.
 */
export function resetStatements(facts: FileFacts, options: ResetOptions): readonly string[] {
  if (facts.leavesNothing) return []
  return [
    'RESET ALL',
    ...options.sessionSettings,
    'CLOSE ALL',
    'UNLISTEN *',
    'DISCARD TEMP',
    'DISCARD SEQUENCES',
    ...(facts.preparing === 'possible' ? [DEALLOCATE] : []),
    ...(facts.mayLockAdvisory ? [PIN_SEARCH_PATH, releaseForeignLocks(options.lockKey)] : []),
  ]
}

/** The whole reset, whatever ran; outside of any transaction. */
export function fullReset(options: ResetOptions): readonly string[] {
  return ['RESET SESSION AUTHORIZATION', 'RESET ROLE', ...resetStatements(ANY_FACTS, options)]
}

/** What is assumed of a text that was not looked into. */
export const ANY_FACTS: FileFacts = {
  leavesNothing: false,
  mayChangeRole: true,
  mayLockAdvisory: true,
  preparing: 'possible',
  needsAnswers: true,
  isPlain: false,
}

/** Locks are counted and `pg_locks` does not say how often one is held: hence a loop. */
function releaseForeignLocks(lockKey: string): string {
  return `DO ${dollarQuote(
    `DECLARE lock_ pg_catalog.record;
BEGIN
  FOR turn_ IN 1..10000 LOOP
    SELECT (l.classid::pg_catalog.int8 << 32) | l.objid::pg_catalog.int8 AS key,
      l.classid::pg_catalog.int8::pg_catalog.bit(32)::pg_catalog.int4 AS first, l.objid::pg_catalog.int8::pg_catalog.bit(32)::pg_catalog.int4 AS second,
      l.objsubid = 1 AS single, l.mode = 'ShareLock' AS shared INTO lock_
    FROM pg_catalog.pg_locks l
    WHERE l.locktype = 'advisory' AND l.pid = pg_catalog.pg_backend_pid() AND l.granted
      AND NOT (l.objsubid = 1 AND ((l.classid::pg_catalog.int8 << 32) | l.objid::pg_catalog.int8) = (${lockKey})::pg_catalog.int8)
    LIMIT 1;
    EXIT WHEN NOT FOUND;
    PERFORM CASE
      WHEN lock_.single AND lock_.shared THEN pg_catalog.pg_advisory_unlock_shared(lock_.key)
      WHEN lock_.single THEN pg_catalog.pg_advisory_unlock(lock_.key)
      WHEN lock_.shared THEN pg_catalog.pg_advisory_unlock_shared(lock_.first, lock_.second)
      ELSE pg_catalog.pg_advisory_unlock(lock_.first, lock_.second) END;
  END LOOP;
END`,
    'tidemark_locks',
  )}`
}
