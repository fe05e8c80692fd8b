import type { Diagnostic, Migration, MigrationDatabase, MigrationId } from '@tidemark/core'
import type { Connection, Wire } from '@tidemark/pg-driver/engine'

/** Which PostgreSQL a shadow runs on: in this process, or a server that the user named. */
export type ShadowEngineKind = 'pglite' | 'server'

/** A migration that a shadow could not run, and what it would have needed. It says nothing about its SQL. */
export interface NotChecked {
  readonly migrationId: MigrationId
  /** A fact in words, such as `needs the extension "timescaledb", which this shadow does not have`. */
  readonly why: string
}

/** What a shadow made up for migrations that name it. */
export interface ShadowStandIns {
  /** Roles without login that were created because a migration names them. */
  readonly roles: readonly string[]
}

/**
 * A scratch database that has what some migrations make. It is never the database that they are for, and it
 * is gone when it is closed.
 */
export interface Shadow {
  readonly engine: ShadowEngineKind
  /** The schema of the tracking tables. */
  readonly schema: string
  /** The version of PostgreSQL that answers, such as `18.3`. */
  readonly serverVersion: string
  /** What was applied, in order, those from the cache included. */
  readonly applied: readonly Migration[]
  /** How many of them came from the cache. */
  readonly restored: number
  /** What could not be run, and so is not known. In order. */
  readonly notChecked: readonly NotChecked[]
  readonly standIns: ShadowStandIns
  /** Warnings that are about the shadow itself, such as a cache that cannot be written. */
  readonly notes: readonly Diagnostic[]
  /** The shadow behind the ports of core, for a runner: what it does there is not noted in `applied`. */
  readonly database: MigrationDatabase
  /**
   * Applies migrations on top of what is there, in plan order, as `up` would. What cannot be run here is
   * added to `notChecked`, with all that depends on it. A signal ends what runs; on PGlite the shadow is lost then.
   *
   * @throws TidemarkError with the code of a run when a migration fails; those before it stay applied.
   */
  apply(migrations: readonly Migration[], signal?: AbortSignal): Promise<void>
  /** A connection to the database; on PGlite connections take turns by transaction. Close it after use. */
  connect(): Promise<Connection>
  /** A session for a program that speaks the protocol by itself, such as `pg_dump`. */
  openWire(): Promise<Wire>
  /** Runs something in a transaction that is rolled back, whatever happens. */
  inRolledBackTransaction<T>(work: (connection: Connection) => Promise<T>): Promise<T>
  /**
   * Runs a migration that needs one transaction alone, and keeps what it made if nothing failed: then it is applied,
   * without the cost of a run. With a `@verify`, or where this shadow refuses it, it is rolled back for `apply` to do.
   */
  keepTrial<T extends { readonly failure: object | null }>(
    migration: Migration,
    work: (connection: Connection) => Promise<T>,
  ): Promise<T>
  /** Another shadow that has what the profile alone makes; undefined where that is nothing. Close both. */
  openBase(): Promise<Shadow | undefined>
  /** A copy that changes on its own. Nothing may be open on this one meanwhile. Close both. */
  fork(): Promise<Shadow>
  /** Ends it and removes what it left on a disk or a server. */
  close(): Promise<void>
}
