import type { Catalog, CatalogMark, LockMode, MigrationAttempt } from '@tidemark/core'
import type { StoredMigrations } from '../../drift/stored-migrations.ts'

/** A table, materialized view or index of the target, with what the server knows of its size. */
export interface TargetRelation {
  readonly schema: string
  readonly name: string
  /** As the server estimates them; null where it never counted. */
  readonly rows: number | null
  /** With what is kept apart from the rows (TOAST), without indexes; null where it could not be read. */
  readonly bytes: number | null
  readonly indexes: number
  readonly indexBytes: number | null
  readonly owner: string
}

/** A role of the target, as far as it decides what a query may do. */
export interface TargetRole {
  readonly name: string
  readonly isSuperuser: boolean
  readonly bypassesRowSecurity: boolean
  readonly inherits: boolean
  /** The roles that it is a member of. */
  readonly memberOf: readonly string[]
}

/** A session of the target, without what it runs: that may hold data. */
export interface TargetSession {
  /** Null for a prepared transaction. */
  readonly pid: number | null
  readonly applicationName: string | null
  readonly role: string | null
  /** Such as `idle in transaction`. */
  readonly state: string | null
  /** Such as `client backend` or `autovacuum worker`. */
  readonly kind: string | null
  /** How long its transaction has been open. */
  readonly seconds: number | null
}

/** A lock that a session of the target holds at the moment of reading. */
export interface HeldLock {
  readonly schema: string
  readonly name: string
  readonly mode: LockMode
  readonly session: TargetSession
}

/** A statement that the target has executed, as `pg_stat_statements` keeps it. */
export interface RecordedStatement {
  /** Null where this role may not read it. */
  readonly text: string | null
  readonly role: string | null
}

/** What was read of `pg_stat_statements`. */
export type RecordedStatements =
  | { readonly kind: 'not_asked' }
  | { readonly kind: 'read'; readonly statements: readonly RecordedStatement[] }
  /** Such as: it is not installed. */
  | { readonly kind: 'not_read'; readonly why: string }

/** Everything that a rehearsal reads of its target: no rows, and no statistics of columns. */
export interface TargetFacts {
  readonly serverVersion: string
  readonly role: string
  readonly isStandby: boolean
  /** What names are looked up in, where the role or the database says so; null for the default. */
  readonly searchPath: string | null
  readonly catalog: Catalog
  readonly mark: CatalogMark
  readonly stored: StoredMigrations
  readonly attempts: readonly MigrationAttempt[]
  readonly relations: readonly TargetRelation[]
  readonly roles: readonly TargetRole[]
  /** Names of extensions that could be created there. */
  readonly extensions: readonly string[]
  readonly held: readonly HeldLock[]
  /** Transactions that are open, the oldest first: CONCURRENTLY waits for them. */
  readonly transactions: readonly TargetSession[]
  readonly recorded: RecordedStatements
}
