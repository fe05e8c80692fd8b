import type { RelationName } from './relation-name.ts'

/** Why a statement begins or ends a transaction. Savepoints do neither. */
export type TransactionControl = 'begin' | 'commit' | 'rollback' | 'prepare' | 'finish_prepared'

/** What a statement takes away that no rollback of a later migration gives back. */
export type Destruction =
  | {
      readonly kind: 'drop'
      /** Such as `table`, `materialized view`, `function`, `owned`. */
      readonly object: string
      readonly names: readonly RelationName[]
      readonly cascade: boolean
    }
  | { readonly kind: 'truncate'; readonly tables: readonly RelationName[] }
  /**
   * `delete_all`, `update_all`: without a condition, or with one that is always true. `delete_matched`: by
   * MERGE.
   */
  | { readonly kind: 'delete_all' | 'update_all' | 'delete_matched'; readonly table: RelationName }
  | {
      readonly kind: 'drop_column' | 'change_type' | 'drop_constraint'
      readonly table: RelationName
      /** The column or constraint. */
      readonly name: string
    }

/** A CREATE INDEX. */
export interface IndexBuild {
  /** Undefined when the server makes up the name. An index lies in the schema of its table. */
  readonly name: string | undefined
  readonly table: RelationName
  readonly unique: boolean
  readonly concurrently: boolean
  readonly ifNotExists: boolean
  /** `ON ONLY` a partitioned table: invalid by design until its partitions' indexes are attached. */
  readonly only: boolean
}

/** A REINDEX … CONCURRENTLY. */
export interface ConcurrentReindex {
  readonly object: 'index' | 'table' | 'schema' | 'database' | 'system'
  /** Undefined for the current database. */
  readonly target: RelationName | undefined
}

/** An ALTER TABLE … DETACH PARTITION … CONCURRENTLY. */
export interface ConcurrentDetach {
  readonly table: RelationName
  readonly partition: RelationName
}

/**
 * The table locks that make others wait: those that conflict with writes, or with everything (manual,
 * 13.3.1).
 */
export type StrongLockMode = 'SHARE' | 'SHARE ROW EXCLUSIVE' | 'EXCLUSIVE' | 'ACCESS EXCLUSIVE'

/**
 * What a statement locks in the same mode besides the relation that it names, where there is such. Which
 * relations these are is known to the database alone. Not said of each statement: partitions and child tables
 * are locked with their parent, and what functions and triggers do.
 */
export type AlsoLocked =
  /** The tables that its foreign keys refer to and, of a partition, the parent. */
  | 'referenced_and_parent'
  /** The table that the dropped constraint refers to, if it is a foreign key. */
  | 'referenced_by_constraint'
  /** What depends on it and is dropped with it. */
  | 'dependents'

/** A strong lock that a statement takes on a relation that was there before it. */
export interface StrongLock {
  readonly mode: StrongLockMode
  /** Undefined when the text does not name it, such as the table of a dropped index. */
  readonly relation: RelationName | undefined
  /** Absent when the lock is on the relation alone. */
  readonly also?: readonly AlsoLocked[]
}

/** A CREATE TABLE, CREATE TABLE AS or SELECT INTO. */
export interface CreatedTable extends RelationName {
  readonly temporary: boolean
  readonly unlogged: boolean
  readonly ifNotExists: boolean
  readonly partitionOf: RelationName | undefined
}

/** Where a COPY reads from or writes to. */
export type CopyFact = 'from_stdin' | 'from_file' | 'from_program' | 'to_stdout' | 'to_file' | 'to_program'

/** What a statement may leave behind in its session. */
export type SessionTouch =
  | {
      readonly kind: 'setting'
      /** The parameter, lower case; `all` for RESET ALL; undefined when it is known only at run time. */
      readonly name: string | undefined
      /** `transaction` ends by itself with the transaction. */
      readonly scope: 'session' | 'transaction'
    }
  | { readonly kind: 'role' | 'session_authorization'; readonly scope: 'session' | 'transaction' }
  | {
      readonly kind:
        | 'temporary_object'
        | 'listen'
        | 'prepared_statement'
        | 'cursor'
        | 'advisory_lock'
        | 'sequence'
        | 'discard'
    }
  /**
   * What the text cannot rule out: `code` is DO, CALL, EXECUTE, LOAD, CREATE EXTENSION; `function` is a call
   * that is not of a known harmless built-in; `trigger` is a write to a table, which triggers, rules and
   * defaults may widen; `view` is a read of a relation, behind which a view may call functions.
   */
  | { readonly kind: 'unknown'; readonly because: 'code' | 'function' | 'trigger' | 'view' }

/** What the text of one statement says about it, without a database. */
export interface StatementFacts {
  /**
   * The command in upper case, such as `CREATE INDEX`, `ALTER TABLE`, `SELECT`; empty for an empty statement.
   */
  readonly command: string
  /** SELECT, WITH, VALUES or TABLE, also in parentheses; no SELECT INTO. */
  readonly isQuery: boolean
  readonly transactionControl: TransactionControl | undefined
  /** What PostgreSQL (14 to 18) refuses inside a transaction block, such as `CREATE INDEX CONCURRENTLY`. */
  readonly refusesTransaction: string | undefined
  readonly destructions: readonly Destruction[]
  readonly indexBuild: IndexBuild | undefined
  /** A REINDEX without CONCURRENTLY is none. */
  readonly concurrentReindex: ConcurrentReindex | undefined
  readonly concurrentDetach: ConcurrentDetach | undefined
  /** INSERT, MERGE, and COPY FROM: the time it takes grows with data. */
  readonly loadsData: boolean
  readonly copy: CopyFact | undefined
  readonly strongLocks: readonly StrongLock[]
  readonly createdTable: CreatedTable | undefined
  /** The table of an ENABLE ROW LEVEL SECURITY. */
  readonly enablesRowSecurity: RelationName | undefined
  /** Empty only where a session reset after the statement is ruled out. */
  readonly sessionTouches: readonly SessionTouch[]
}
