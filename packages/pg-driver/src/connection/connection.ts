/**
 * One connection to PostgreSQL, as the engine needs it. Two implementations: `pg` (a server) and PGlite
 * (embedded). Statements sent without awaiting are pipelined where the transport can; answers come in order.
 */
export interface Connection {
  readonly kind: 'server' | 'embedded'
  /** The server's process id of this connection; 0 when embedded. */
  readonly processId: number
  /** Statements to repeat after `RESET ALL`: settings that could not be given as startup options. */
  readonly sessionSettings: readonly string[]
  /** How it is encrypted; null when it is not. */
  readonly tls?: ConnectionTls | null
  /**
   * SET statements that the engine wants in force, and whether startup options brought them; see
   * `claimSession`.
   */
  readonly wantedSettings?: {
    readonly statements: readonly string[]
    /** Those that the URL or `searchPath` asks for: a session without them is not used. */
    readonly required: readonly SessionSetting[]
    readonly given: 'at startup' | 'not yet'
  }
  /**
   * Writes a statement of ours that is the same for every schema so that the server plans it once. Only connections
   * that are kept for many targets have it; see `writeShared`.
   */
  readonly writeShared?: (statement: {
    readonly sql: string
    readonly parameters: readonly unknown[]
  }) => string
  /**
   * Runs one statement. With `values` it uses the extended protocol (unnamed), without them the simple one.
   * On the connections of an engine every statement finds names in `pg_catalog` alone, see `pinSearchPath`.
   */
  query<Row extends object = Record<string, unknown>>(
    text: string,
    values?: readonly unknown[],
  ): Promise<QueryAnswer<Row>>
  /**
   * Sends one message of the simple protocol (one statement, or several with `;`) without waiting. `onAnswer`
   * is called once, in the order of sending, as the answer arrives: a notice between two calls belongs to the
   * message of the second. With `copyData` the statement is `COPY … FROM STDIN` and the data travels with it;
   * meant for less than 256 KiB.
   */
  send(text: string, onAnswer: AnswerListener, copyData?: string): void
  /** Runs `COPY … FROM STDIN` with its data. Back-pressured. Nothing else may be in flight. */
  copyIn(
    statement: string,
    data: Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array>,
  ): Promise<QueryAnswer<never>>
  /** Runs `COPY … TO STDOUT`, back-pressured, and gives the number of rows. Nothing else may be in flight. */
  copyOut(statement: string, sink: (data: Uint8Array) => Promise<void>): Promise<number>
  /**
   * Called for each NOTICE or WARNING, between the answers of the statement before and the one it belongs to.
   */
  onNotice(listener: ((notice: ServerNoticeFields) => void) | null): void
  /** Settles when the connection is gone, with the reason; never rejects. */
  readonly closed: Promise<Error | null>
  close(): Promise<void>
  /** Drops the socket (or the worker) at once. */
  destroy(): void
}

/** A setting of the server, and the value that a session is to have. */
export type SessionSetting = readonly [name: string, value: string]

/** Encryption of a connection, up to whatever answers at the other end. */
export interface ConnectionTls {
  readonly protocol: string | null
  readonly cipher: string
  /** What was checked of the certificate. */
  readonly checked: 'nothing' | 'authority' | 'authority and host name'
}

/**
 * Told once what became of a message: one answer for each of its statements; with an error, for those before
 * it.
 */
export type AnswerListener = (
  error: Error | null,
  answers: readonly QueryAnswer<Record<string, unknown>>[],
) => void

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
  /** The function of the server's source that reported it. */
  readonly routine?: string | undefined
}
