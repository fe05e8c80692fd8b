/** A statement that the application sends. */
export interface ApplicationQuery {
  readonly text: string
  /** Where it is from, such as `queries.sql:12`. */
  readonly source: string
  /** Who sends it; null: not known. */
  readonly role: string | null
}
