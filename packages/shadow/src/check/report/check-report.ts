import type { MigrationId, Span, TidemarkError } from '@tidemark/core'
import type { LintRuleId } from '@tidemark/lint'
import type { ShadowEngineKind } from '../../port/shadow.ts'
import type { ClosureReport } from '../closure/closure-report.ts'
import type { OrderReport } from '../order/order-report.ts'
import type { Reversibility } from '../reversibility/reversibility.ts'
import type { TracedStatement } from '../trial/trace-section.ts'

/** The parts of a check, in the order in which they run. */
export const CHECK_PARTS = ['runs', 'order', 'closure', 'reversibility', 'statements', 'lint'] as const

/** One of {@link CHECK_PARTS}. */
export type CheckPart = (typeof CHECK_PARTS)[number]

/** How much a finding weighs, the heaviest first. */
export const CHECK_SEVERITIES = ['error', 'warning', 'note'] as const

/** One of {@link CHECK_SEVERITIES}. */
export type CheckSeverity = (typeof CHECK_SEVERITIES)[number]

/** What a finding is about, in words that stay the same from version to version. */
export type CheckRule =
  | LintRuleId
  | 'does-not-run'
  | 'order-differs'
  | 'order-fails'
  | 'cannot-both-run'
  | 'order-changes-rows'
  | 'order-of-columns'
  | 'order-of-names'
  | 'order-of-many'
  | 'missing-dependency'
  | 'needless-dependency'
  | 'down-fails'
  | 'down-fails-with-rows'
  | 'down-loses-data'
  | 'up-fails-with-rows'
  | 'down-differs'
  | 'down-order-of-columns'
  | 'down-then-up-fails'
  | 'down-then-up-differs'
  | 'irreversible'

/** A change to the `Depends on` of a file. */
export interface DependencyEdit {
  readonly kind: 'add' | 'remove'
  readonly migrationId: MigrationId
  readonly dependsOn: MigrationId
}

/** Something that was seen, and what it is of. */
export interface CheckFinding {
  readonly part: CheckPart
  readonly rule: CheckRule
  readonly severity: CheckSeverity
  /** The migration whose file is to be looked at. */
  readonly migrationId: MigrationId
  /** The other migrations that it is about. */
  readonly others: readonly MigrationId[]
  /** The statement that it is about: its section and its place in it, from 0. */
  readonly statement: { readonly section: 'up' | 'down'; readonly place: number } | null
  /** Where in the file it is, where that is not the statement, such as a comment. */
  readonly span: Span | null
  /** A fact, in one sentence. */
  readonly message: string
  /** More facts, such as each difference in a sentence. */
  readonly details: readonly string[]
  /** What to write into the files, where that is known. */
  readonly edits: readonly DependencyEdit[]
  /** How it is done without harm, as SQL for the objects at hand; null where there is none or it is not known. */
  readonly safeSql: string | null
  /** Statements that a program can write in its place, each a transaction of its own; null where it takes a person. */
  readonly rewrite: readonly string[] | null
  /** The failure of a run, with its place in the file. */
  readonly error: TidemarkError | null
}

/** What could not be checked, which is never taken for right. */
export interface CheckGap {
  /** Null for all parts. */
  readonly part: CheckPart | null
  readonly migrationId: MigrationId
  readonly why: string
}

/** What one migration did, statement by statement. */
export interface TracedMigration {
  readonly migrationId: MigrationId
  readonly statements: readonly TracedStatement[]
  /** Why nothing was traced; null where it was. */
  readonly untraced: string | null
}

/** Everything that a check found, as data. */
export interface CheckReport {
  /** Whether it is that of an earlier check of the same, and nothing was executed. */
  readonly cached: boolean
  readonly shadow: { readonly engine: ShadowEngineKind; readonly serverVersion: string }
  /** What was checked, in plan order. */
  readonly checked: readonly MigrationId[]
  readonly parts: readonly CheckPart[]
  /** Heaviest first, then in plan order. */
  readonly findings: readonly CheckFinding[]
  readonly gaps: readonly CheckGap[]
  /** Null for a part that was not asked for. */
  readonly order: OrderReport | null
  readonly closure: ClosureReport | null
  readonly reversibility: readonly Reversibility[] | null
  readonly statements: readonly TracedMigration[] | null
}
