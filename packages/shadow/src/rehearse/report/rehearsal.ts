import type { CatalogMark, LockMode, MigrationId, TidemarkError } from '@tidemark/core'
import type { LintFinding, LintRuleId } from '@tidemark/lint'
import type { DriftReport } from '../../drift/drift.ts'
import type { ShadowEngineKind } from '../../port/shadow.ts'
import type { TargetSession } from '../target/target.ts'

/** What a finding of a rehearsal is about, in words that stay the same from version to version. */
export type RehearsalRule =
  /** A rule of lint on what makes others wait. */
  | LintRuleId
  /** A migration fails there. */
  | 'does-not-run'
  /** A query that works now does not work afterwards. */
  | 'breaks-query'
  /** The schema of the target is not what its migrations make. */
  | 'drift'
  /** Others wait while a table of some size is rewritten, read or indexed. */
  | 'blocks-others'
  /** A session holds a lock now that the plan would wait for. */
  | 'waits-for-others'

/** Something that was seen, or that would happen on the target. */
export interface RehearsalFinding {
  readonly rule: RehearsalRule
  readonly severity: 'error' | 'warning' | 'note'
  /** Null for what is about the target, or the plan as a whole. */
  readonly migrationId: MigrationId | null
  /** The place of the statement in `@up`, from 0. */
  readonly statement: number | null
  readonly message: string
  readonly details: readonly string[]
  /** The failure of a migration, with its place in the file. */
  readonly error: TidemarkError | null
}

/** What could not be rehearsed, which is never taken for right. */
export interface RehearsalGap {
  readonly migrationId: MigrationId | null
  readonly why: string
}

/** A relation of the target, by the name that it has there, with its size as the server knows it. */
export interface SizedRelation {
  readonly schema: string
  readonly name: string
  readonly kind: string
  /** Null where it is not known. */
  readonly rows: number | null
  /** Without indexes. */
  readonly bytes: number | null
  readonly indexes: number
  readonly indexBytes: number | null
}

/** A lock on a relation of the target. */
export interface RehearsedLock {
  readonly relation: SizedRelation
  readonly mode: LockMode
  /** `by_manual`: a statement that runs outside of a transaction gives its locks back before one can look. */
  readonly basis: 'seen' | 'by_manual'
}

/** Work that grows with the size of a relation of the target. */
export interface RehearsedWork {
  readonly kind: 'rewrite' | 'scan' | 'index_build' | 'changes_rows'
  readonly relation: SizedRelation
}

/** How long a statement takes on the target: between the two, most likely. */
export interface DurationRange {
  readonly lowMs: number
  readonly highMs: number
}

/** What one statement does on the target. */
export interface RehearsedStatement {
  /** Its place in `@up`, from 0. */
  readonly statement: number
  readonly locks: readonly RehearsedLock[]
  readonly work: readonly RehearsedWork[]
  /** The strongest lock that the transaction holds meanwhile makes these wait: readers too, or writers. */
  readonly blocks: 'nobody' | 'writers' | 'everybody'
  /** Null where it is not known: see `speed` of the report. */
  readonly duration: DurationRange | null
}

/** What one migration does on the target. */
export interface RehearsedMigration {
  readonly migrationId: MigrationId
  readonly transaction: 'required' | 'none'
  readonly outcome: 'ran' | 'failed' | 'not_run'
  readonly statements: readonly RehearsedStatement[]
}

/** What the steps of a plan came to. */
export interface RunSteps {
  readonly migrations: readonly RehearsedMigration[]
  readonly failed: readonly { readonly migrationId: MigrationId; readonly error: TidemarkError }[]
  /** What was not run, or not seen whole, and why. */
  readonly unknown: ReadonlyMap<MigrationId, string>
  /** What rules of lint find, with the sizes of the target. */
  readonly lint: readonly LintFinding[]
}

/** A session of the target that holds a table now which the plan wants. */
export interface Holder {
  readonly relation: { readonly schema: string; readonly name: string }
  readonly mode: LockMode
  readonly wanted: LockMode
  readonly session: TargetSession
}

/** A query that works before the plan and not after it. */
export interface BrokenQuery {
  /** Where it is from, such as `queries.sql:12`. */
  readonly source: string
  readonly text: string
  readonly why: string
}

/** What became of the queries of the application. */
export interface RehearsedQueries {
  /** How many work now, and so could be compared. */
  readonly compared: number
  readonly broken: readonly BrokenQuery[]
  /** Those that do not work on the copy before the plan: of them nothing is known. */
  readonly notCompared: readonly BrokenQuery[]
}

/** What durations rest on. */
export type SpeedBasis =
  | { readonly kind: 'unknown' }
  /** Measured on the target, in a transaction that was rolled back. */
  | { readonly kind: 'calibrated' }
  /** From runs of rehearsed plans on this target. */
  | { readonly kind: 'history'; readonly attempts: number }

/** Everything that a rehearsal found, as data. */
export interface RehearsalReport {
  readonly target: {
    readonly serverVersion: string
    readonly role: string
    readonly isStandby: boolean
    /** The schema that all of this is about. */
    readonly mark: CatalogMark
  }
  readonly shadow: { readonly engine: ShadowEngineKind; readonly serverVersion: string }
  /** What the copy was made from. */
  readonly copiedFrom: 'stored_sql' | 'dump'
  readonly drift: DriftReport
  /** What the copy does not have as the target has it, in sentences. */
  readonly differences: readonly string[]
  readonly migrations: readonly RehearsedMigration[]
  /** By id the time of its work on a server of speed 1, where all sizes are known. */
  readonly baseMs: Readonly<Record<MigrationId, number>>
  readonly holders: readonly Holder[]
  /** Null where none were named. */
  readonly queries: RehearsedQueries | null
  readonly speed: SpeedBasis
  /** Heaviest first, then in plan order; drift before what follows from it. */
  readonly findings: readonly RehearsalFinding[]
  readonly gaps: readonly RehearsalGap[]
}
