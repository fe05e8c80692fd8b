import { formatDuration, type LockHolder, TidemarkError } from '@tidemark/core'
import { describeHolder } from './describe-holder.ts'

/** TM5003: the run lock stayed with someone else. */
export function lockNotObtained(waitMs: number, holder: LockHolder | null): TidemarkError {
  const who = holder === null ? 'another session' : describeHolder(holder)
  return new TidemarkError({
    code: 'TM5003',
    message: `timed out after ${formatDuration(waitMs)} waiting for the migration lock, held by ${who}`,
    help: 'wait until it ends, end it with the SQL above, or wait longer with --lock-wait',
    details: { waitMs, holder, ...(holder && { endIt: `SELECT pg_terminate_backend(${holder.pid});` }) },
  })
}

/** TM5012: the session does not hold the run lock at the end of its run. */
export function lockLost(): TidemarkError {
  return new TidemarkError({
    code: 'TM5012',
    message: 'the run lock was lost before the end of the run',
    help: 'a pooler switched the connection, or a file released the lock: run "tidemark doctor"',
  })
}

/** TM5008 before anything ran. */
export function interruptedBefore(what: string, cause: unknown): TidemarkError {
  return new TidemarkError({
    code: 'TM5008',
    message: `interrupted ${what}`,
    help: 'no migration was interrupted; run it again',
    details: { applied: [] },
    cause,
  })
}
