import { formatDuration, type LockHolder, TidemarkError } from '@tidemark/core'
import { describeHolder } from './describe-holder.ts'

/** TM5003: the run lock stayed with someone else. */
export function lockNotObtained(waitMs: number, holder: LockHolder | null): TidemarkError {
  const who = holder === null ? 'another session' : describeHolder(holder)
  return new TidemarkError({
    code: 'TM5003',
    message: `another run holds the lock; waited ${formatDuration(waitMs)}: ${who}`,
    help: 'wait for it, end it with the SQL above, or wait longer with --lock-wait',
    details: { waitMs, holder, ...(holder && { endIt: `SELECT pg_terminate_backend(${holder.pid});` }) },
  })
}

/** TM5012: the session does not hold the run lock at the end of its run. */
export function lockLost(): TidemarkError {
  return new TidemarkError({
    code: 'TM5012',
    message: 'the run lock was not held any more at the end of the run',
    help: 'something between here and the server swaps connections, or a file released the lock: run "tidemark doctor"',
  })
}

/** TM5008 before anything ran. */
export function interruptedBefore(what: string, cause: unknown): TidemarkError {
  return new TidemarkError({
    code: 'TM5008',
    message: `interrupted ${what}`,
    help: 'nothing was cut off; run it again',
    details: { applied: [] },
    cause,
  })
}
