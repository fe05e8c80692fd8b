/** Who holds a lock that a run waits for. */
export interface LockHolder {
  readonly pid: number
  readonly applicationName: string | null
  readonly user: string | null
  readonly since: Date | null
  readonly state: string | null
  readonly query: string | null
  /** Of a session that is idle outside of a transaction: nothing has been recorded since then. */
  readonly idle?: IdleSession
}

/** A session that waits for its client. */
export interface IdleSession {
  readonly since: Date
  /** Address and port of its client, or of the pooler that keeps it; null for a socket. */
  readonly client: string | null
}
