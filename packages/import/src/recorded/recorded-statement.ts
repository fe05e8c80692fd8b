/** A statement that a tool sent and the server executed and committed. */
export interface RecordedStatement {
  /** Its place among all statements of all sessions. */
  readonly order: number
  /** Without `;`, with its parameters as literals. */
  readonly text: string
  /** What the server says that it did, such as `INSERT 0 1`. */
  readonly tag: string
  /** What a COPY was fed with. */
  readonly data: string | undefined
  /** Settings of the session that decide what it means, such as `search_path`. */
  readonly settings: ReadonlyMap<string, string>
  /** Those of one transaction have the same number. */
  readonly transaction: number
  /** A transaction block, one message of several statements, or nothing but itself. */
  readonly within: 'block' | 'message' | 'alone'
}
