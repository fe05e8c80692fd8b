/**
 * One connection to PostgreSQL, as the engine needs it. Two implementations: `pg` (a server) and PGlite (embedded).
 * Statements sent without awaiting are pipelined where the transport can; answers come in order.
 */
export interface Connection {
  readonly kind: 'server' | 'embedded'
  /** The server's process id of this connection; 0 when embedded. */
  readonly processId: number
  /** Runs one statement. With `values` it uses the extended protocol (unnamed), without them the simple one. */
  query<Row extends object = Record<string, unknown>>(
    text: string,
    values?: readonly unknown[],
  ): Promise<QueryAnswer<Row>>
  /** Runs `COPY … FROM STDIN` with its data. Back-pressured. */
  copyIn(
    statement: string,
    data: Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array>,
  ): Promise<QueryAnswer<never>>
  /** Called for each NOTICE or WARNING, between the answers of the statement before and the one it belongs to. */
  onNotice(listener: ((notice: ServerNoticeFields) => void) | null): void
  /** Settles when the connection is gone, with the reason; never rejects. */
  readonly closed: Promise<Error | null>
  close(): Promise<void>
  /** Drops the socket (or the worker) at once. */
  destroy(): void
}

/** The answer to one statement. `tag` is the command tag such as `COMMIT` or `INSERT 0 1`. */
export interface QueryAnswer<Row> {
  readonly rows: readonly Row[]
  readonly tag: string
  readonly rowCount: number | null
}

/** A notice as PostgreSQL sends it. */
export interface ServerNoticeFields {
  readonly severity: string
  readonly code: string
  readonly message: string
  readonly detail?: string | undefined
  readonly hint?: string | undefined
  readonly where?: string | undefined
}
