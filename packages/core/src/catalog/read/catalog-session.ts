/**
 * What reading a catalog needs of a connection. A client of `pg`, PGlite and the connections of Tidemark's
 * engines have it.
 */
export interface CatalogSession {
  /** Runs one statement of the simple protocol, and gives its rows. */
  query(text: string): Promise<{ readonly rows: readonly unknown[] }>
}
