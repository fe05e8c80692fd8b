/** Who holds a lock that a run waits for. */
export interface LockHolder {
  /** 0 for a prepared transaction, which no process runs. */
  readonly pid: number
  readonly applicationName: string | null
  readonly user: string | null
  readonly since: Date | null
  readonly state: string | null
  readonly query: string | null
  /** Of a session that is idle outside of a transaction: nothing has been recorded since then. */
  readonly idle?: IdleSession
  /** What it is, where it is no session of a client. */
  readonly other?: OtherHolder
}

/** A holder of a lock that is no session of a client. */
export type OtherHolder =
  | { readonly kind: 'prepared_transaction'; readonly gid: string }
  /** A replication connection of a standby or subscriber. */
  | { readonly kind: 'walsender' }
  | { readonly kind: 'autovacuum' }
  /** The connected role may not see which process of the server it is. */
  | { readonly kind: 'server_process' }

/** A session that waits for its client. */
export interface IdleSession {
  readonly since: Date
  /** Address and port of its client, or of the pooler that keeps it; null for a socket. */
  readonly client: string | null
}
