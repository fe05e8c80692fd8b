import type { MigrationHeader, StatementFacts } from '@tidemark/core'
import { quoteIdentifier } from '@tidemark/core'
import { sendMessage } from '../../connection/send-message.ts'
import type { ExecutionContext } from '../../engine/execution-context.ts'
import { PIN_SEARCH_PATH } from '../../statement/search-path.ts'

/**
 * Makes the rest of a transaction run as the user who connected, with no names but ours; afterwards the
 * session is as it was. Always all: the statement just before may have taken another user, and inside a
 * function that cannot be seen. Deferred triggers are the file's: they run before that.
 */
export const AS_CONNECTED: readonly string[] = [
  'SET CONSTRAINTS ALL IMMEDIATE',
  'SET LOCAL SESSION AUTHORIZATION DEFAULT',
  'SET LOCAL role TO DEFAULT',
  PIN_SEARCH_PATH,
]

/**
 * The session in which the statements of a file without a transaction follow each other: limits and role of
 * the header, then whatever the file itself sets.
 */
export class AutocommitSession {
  readonly #context: ExecutionContext
  readonly #header: MigrationHeader
  #lockTimeoutMs: number
  /** The file sets its own limit for a lock wait. */
  #hasOwnLockTimeout = false

  constructor(context: ExecutionContext, header: MigrationHeader) {
    this.#context = context
    this.#header = header
    this.#lockTimeoutMs = header.lockTimeoutMs ?? context.settings.lockTimeoutMs
  }

  /** What is in force for a statement that is not CONCURRENTLY; 0 is no limit. */
  get lockTimeoutMs(): number {
    return this.#lockTimeoutMs
  }

  /** Sets limits, name and role. */
  async open(id: string): Promise<void> {
    const { lockTimeoutMs, statementTimeoutMs, role } = this.#header
    const name = `${this.#context.applicationName} ${id}`.slice(0, 63).replaceAll("'", '')
    const texts = [
      `SET application_name = '${name}'`,
      ...(lockTimeoutMs === null ? [] : [`SET lock_timeout = ${lockTimeoutMs}`]),
      ...(statementTimeoutMs === null ? [] : [`SET statement_timeout = ${statementTimeoutMs}`]),
      ...(role === null ? [] : [`SET ROLE ${quoteIdentifier(role)}`]),
    ]
    for (const text of texts) await sendMessage(this.#context.connection, text)
  }

  /** Repeats in a new session the statements of an earlier attempt that set it up; they may not write. */
  async replay(texts: readonly string[]): Promise<void> {
    for (const text of texts) {
      const begun = sendMessage(this.#context.connection, 'BEGIN READ ONLY')
      const repeated = sendMessage(this.#context.connection, text)
      const committed = sendMessage(this.#context.connection, 'COMMIT')
      for (const outcome of await Promise.allSettled([begun, repeated, committed])) {
        if (outcome.status === 'rejected') throw outcome.reason
      }
    }
  }

  /** Takes note of what a statement that is done has changed here. */
  note({ sessionTouches, command, refusesTransaction }: StatementFacts): void {
    if (refusesTransaction === 'DISCARD ALL') this.#resetLockTimeout()
    for (const touch of sessionTouches) {
      if (touch.kind !== 'setting' || touch.scope !== 'session') continue
      if (command === 'RESET' && (touch.name === 'lock_timeout' || touch.name === 'all'))
        this.#resetLockTimeout()
      else if (touch.name === 'lock_timeout') this.#hasOwnLockTimeout = true
    }
  }

  #resetLockTimeout(): void {
    this.#lockTimeoutMs = this.#context.settings.lockTimeoutMs
    this.#hasOwnLockTimeout = false
  }

  /**
   * Runs what must not be given up in a lock queue, where half of it would stay; unless the file sets a limit
   * itself.
   */
  async withoutLockTimeout<T>(run: () => Promise<T>): Promise<T> {
    if (this.#hasOwnLockTimeout || this.#lockTimeoutMs === 0) return run()
    const { connection } = this.#context
    await sendMessage(connection, 'SET lock_timeout = 0')
    try {
      return await run()
    } finally {
      await sendMessage(connection, `SET lock_timeout = ${this.#lockTimeoutMs}`).catch(() => undefined)
    }
  }
}
