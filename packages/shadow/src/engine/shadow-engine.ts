import type { Diagnostic, Migration, MigrationDatabase } from '@tidemark/core'
import type { Connection, Wire } from '@tidemark/pg-driver/engine'
import type { KeptFacts } from '../cache/kept-facts.ts'
import type { KeptPrefix } from '../cache/prefix-cache.ts'
import type { ShadowEngineKind } from '../port/shadow.ts'

/** One scratch database of an engine. */
export interface ScratchDatabase {
  readonly database: MigrationDatabase
  connect(): Promise<Connection>
  /** A session for `pg_dump`. */
  openWire(): Promise<Wire>
  /** Keeps what was committed under a key. Where that is not possible, a note of the engine says so. */
  keep(key: string, facts: KeptFacts): Promise<void>
  /** Makes a copy; nothing may be open meanwhile. */
  copy(): Promise<ScratchDatabase>
  /** Ends it; nothing of it is left. */
  close(): Promise<void>
}

/** What makes scratch databases: PGlite, or a server. */
export interface ShadowEngine {
  readonly kind: ShadowEngineKind
  /** The schema of the tracking tables. */
  readonly schema: string
  /** Everything besides the migrations that decides what a database holds; part of every key. */
  readonly identity: string
  /** Whether roles may be created: on a server they reach beyond one database. */
  readonly mayCreateRoles: boolean
  /** Whether the role of the shadow may do less than a superuser, as which many migrations run. */
  readonly lacksPrivileges: boolean
  /** Whether a new database has nothing: no profile makes something in it. */
  readonly startsEmpty: boolean
  readonly notes: readonly Diagnostic[]
  /** Says why a migration cannot run here, before anything does; undefined where it may. */
  refuse(migration: Migration): string | undefined
  /** Finds the longest prefix that was kept; keys are those of ever longer prefixes. */
  find(keys: readonly string[]): Promise<KeptPrefix | undefined>
  /** Starts a database: an empty one, or what was kept under a key. */
  open(key?: string): Promise<ScratchDatabase>
  /**
   * Makes room for a role that an earlier shadow left, where nothing but kept databases needs it; the one of
   * the key stays. Gives whether the role is gone.
   */
  freeRole(role: string, key: string | undefined): Promise<boolean>
  /** What was kept under a key cannot be used. */
  forget(key: string): Promise<void>
  /** Ends what the engine itself has open. */
  close(): Promise<void>
}
