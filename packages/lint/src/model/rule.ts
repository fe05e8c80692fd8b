import type { MigrationId, Span } from '@tidemark/core'
import type { LintSubject } from '../subject/lint-subject.ts'
import type { PlanSubject } from '../subject/plan-subject.ts'
import type { LintRuleId } from './rule-ids.ts'

/** How much a finding weighs, the heaviest first. */
export const LINT_SEVERITIES = ['error', 'warning', 'note'] as const

/** One of {@link LINT_SEVERITIES}. */
export type LintSeverity = (typeof LINT_SEVERITIES)[number]

/** What every rule has. */
export interface LintRule {
  readonly id: LintRuleId
  /** Unless the configuration has another. */
  readonly severity: LintSeverity
  /** What it is about, in one sentence. */
  readonly summary: string
}

/** A rule on what one migration does. */
export interface StepRule extends LintRule {
  check(subject: LintSubject): Iterable<Hit>
}

/**
 * A rule on the schema that the migrations of one plan end with: what one of them leaves open, a later one may
 * settle.
 */
export interface SchemaRule extends LintRule {
  check(subject: PlanSubject): Iterable<SchemaHit>
}

/**
 * Statements that take the place of one, each in a transaction of its own, and end with the same schema. They are
 * without a semicolon.
 */
export type Rewrite = readonly string[]

/** What a rule saw, and where. */
export interface Hit {
  /** The place of the statement in `@up`, from 0; null for the file. */
  readonly statement: number | null
  /** Where in the file it is, where that is not the statement. */
  readonly span?: Span | undefined
  /** A fact, in one sentence. */
  readonly message: string
  /** More facts, a sentence each. */
  readonly details?: readonly string[] | undefined
  /** How it is done without harm, as SQL for the objects at hand. */
  readonly safeSql?: string | undefined
  /** What a program can write in the place of the statement; undefined where that takes a person. */
  readonly rewrite?: Rewrite | undefined
}

/** What a rule saw in the schema at the end. */
export interface SchemaHit extends Omit<Hit, 'statement'> {
  readonly migrationId: MigrationId
  readonly statement: number | null
}

/** A finding of a rule, with its weight. */
export interface LintFinding extends Hit {
  readonly rule: LintRuleId
  readonly severity: LintSeverity
  readonly migrationId: MigrationId
  readonly details: readonly string[]
  readonly safeSql: string | undefined
  readonly rewrite: Rewrite | undefined
}
