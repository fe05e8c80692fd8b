import type { MigrationHeader } from '../../migration/model/migration.ts'
import { bindMigration } from '../../migration/variables/bind-migration.ts'
import type { VariableValues } from '../../migration/variables/bind-text.ts'
import type { AlsoLocked, Destruction, StatementFacts } from '../../sql/facts/facts.ts'
import { formatRelationName, type RelationName } from '../../sql/facts/relation-name.ts'
import { hasCode } from '../../sql/has-code.ts'
import { scanSql } from '../../sql/scan.ts'
import type { SqlStatement } from '../../sql/statement.ts'
import { readStatementFacts } from '../../sql/statement-facts.ts'
import type { SourceFile } from '../../text/source-file.ts'
import type { Span } from '../../text/span.ts'
import { bindStored } from '../plan/bind-step.ts'
import { describeAction } from '../plan/digest-plan.ts'
import type { MigrationPlan, PlanStep } from '../plan/plan.ts'
import { describeDestruction } from './describe-destruction.ts'

/** Something of a step that a reader should know before it runs. */
export interface PlanRemark {
  readonly kind: 'no_transaction' | 'destructive' | 'strong_lock' | 'no_row_security'
  /** Plain words, such as `drops the table orders`. */
  readonly words: string
  /** The statement; absent where the whole step is meant or where its text is not a file's. */
  readonly source?: SourceFile
  readonly span?: Span
  /** Tables whose rows, or values of a column, are taken away. */
  readonly relations?: readonly RelationName[]
}

/** What one step does, in numbers and words. */
export interface StepSummary {
  readonly id: string
  /** `apply`, `verify`, `roll_back`, `record:squash`, …. */
  readonly action: string
  readonly transaction: 'required' | 'none'
  /** How many statements it will send. */
  readonly statements: number
  readonly remarks: readonly PlanRemark[]
}

/** What a plan does, in numbers and words. */
export interface PlanSummary {
  readonly steps: readonly StepSummary[]
  readonly counts: {
    readonly steps: number
    readonly statements: number
    readonly withoutTransaction: number
    /** Statements that take away what no later rollback gives back. */
    readonly destructive: number
    readonly strongLocks: number
    readonly tablesWithoutRowSecurity: number
  }
}

/** How {@link summarizePlan} looks. */
export interface SummarizePlanOptions {
  /**
   * Schemas whose tables an API serves, so that a table without row level security is open. Default
   * `['public']`.
   */
  readonly exposedSchemas?: readonly string[]
}

/**
 * Tells what a plan does before it runs: transactions, destructive statements, strong locks on tables that
 * are there already, and tables in an exposed schema for which no step of the plan enables row level
 * security. From the text alone: no database is asked.
 *
 * @example summarizePlan(plan).counts.destructive > 0 // ask before running it on a protected database
 */
export function summarizePlan(
  plan: Pick<MigrationPlan, 'steps'>,
  options: SummarizePlanOptions = {},
): PlanSummary {
  const exposed = new Set(options.exposedSchemas ?? ['public'])
  const read = plan.steps.map(readStep)
  const secured = new Set(
    read.flatMap(({ facts }) => facts.flatMap((fact) => nameOf(fact.enablesRowSecurity))),
  )
  const steps = read.map((one) => summarizeStep(one, exposed, secured))
  const remarks = steps.flatMap((step) => step.remarks)
  const count = (kind: PlanRemark['kind']) => remarks.filter((remark) => remark.kind === kind).length
  return {
    steps,
    counts: {
      steps: steps.length,
      statements: steps.reduce((sum, step) => sum + step.statements, 0),
      withoutTransaction: count('no_transaction'),
      destructive: count('destructive'),
      strongLocks: count('strong_lock'),
      tablesWithoutRowSecurity: count('no_row_security'),
    },
  }
}

interface ReadStep {
  readonly step: PlanStep
  readonly source: SourceFile | undefined
  readonly statements: readonly SqlStatement[]
  readonly facts: readonly StatementFacts[]
}

/** A plan knows no values: what a variable names is called by the variable. */
function namesOf({ variables = [] }: MigrationHeader): VariableValues {
  return Object.fromEntries(variables.map(({ name }) => [name, `:${name}`]))
}

/** The statements that the step sends, from where it goes on. */
function readStep(step: PlanStep): ReadStep {
  if (step.kind === 'apply') {
    const { source, up } = step.migration
    const statements = up.statements.slice(step.resumeAt)
    const bound = bindMigration(step.migration, namesOf(step.migration.header))
    const facts = bound.up.statements
      .slice(step.resumeAt)
      .map((one) => readStatementFacts(bound.source.text, one))
    return { step, source, statements, facts }
  }
  if (step.kind !== 'roll_back') return { step, source: undefined, statements: [], facts: [] }
  const { executed } = bindStored(step.stored, namesOf(step.stored.header))
  const text = executed?.down?.text ?? step.stored.downSql ?? ''
  const statements = scanSql(text)
    .statements.filter((one) => hasCode(text, one))
    .slice(step.resumeAt)
  return {
    step,
    source: undefined,
    statements,
    facts: statements.map((one) => readStatementFacts(text, one)),
  }
}

function summarizeStep(
  read: ReadStep,
  exposed: ReadonlySet<string>,
  secured: ReadonlySet<string>,
): StepSummary {
  const transaction = transactionOf(read.step)
  const created = new Set<string>()
  const remarks: PlanRemark[] = []
  if (transaction === 'none') {
    remarks.push({ kind: 'no_transaction', words: 'runs without a transaction, statement by statement' })
  }
  read.facts.forEach((facts, place) => {
    const where = placeOf(read, place)
    for (const destruction of facts.destructions) {
      const lost = relationsOf(destruction)
      const relations = lost.length === 0 ? {} : { relations: lost }
      remarks.push({ kind: 'destructive', words: describeDestruction(destruction), ...relations, ...where })
    }
    remarks.push(...remarkLocks(facts, created).map((remark) => ({ ...remark, ...where })))
    for (const name of nameOf(facts.createdTable)) created.add(name)
    if (isOpen(facts, exposed, secured)) {
      const words = `creates the table ${nameTable(facts.createdTable)} without row level security`
      remarks.push({ kind: 'no_row_security', words, ...where })
    }
  })
  const statements = read.step.kind === 'verify' ? 0 : read.statements.length
  return { id: read.step.id, action: describeAction(read.step), transaction, statements, remarks }
}

/** Tables whose rows a statement takes away; of a schema it is not known which. */
function relationsOf(destruction: Destruction): readonly RelationName[] {
  switch (destruction.kind) {
    case 'drop':
      return ['table', 'materialized view'].includes(destruction.object) ? destruction.names : []
    case 'truncate':
      return destruction.tables
    case 'delete_all':
    case 'drop_column':
      return [destruction.table]
    default:
      return []
  }
}

function transactionOf(step: PlanStep): 'required' | 'none' {
  if (step.kind === 'roll_back') return step.stored.header.transaction
  return step.kind === 'apply' ? step.migration.header.transaction : 'required'
}

function placeOf(
  read: ReadStep,
  place: number,
): { readonly source: SourceFile; readonly span: Span } | object {
  const statement = read.statements[place]
  if (read.source === undefined || statement === undefined) return {}
  return { source: read.source, span: { start: statement.codeStart, end: statement.codeEnd } }
}

const ALSO_LOCKED: Readonly<Record<AlsoLocked, string>> = {
  referenced_and_parent: 'the tables it refers to',
  referenced_by_constraint: 'the table that a foreign key refers to',
  dependents: 'what CASCADE drops',
}

/** A table that the same step created holds nobody up. */
function remarkLocks(facts: StatementFacts, created: ReadonlySet<string>): readonly PlanRemark[] {
  return facts.strongLocks.flatMap(({ mode, relation, also = [] }): readonly PlanRemark[] => {
    if (relation !== undefined && nameOf(relation).some((name) => created.has(name))) return []
    const what = relation === undefined ? 'a relation that the statement does not name' : nameTable(relation)
    const besides = also.map((one) => `, and on ${ALSO_LOCKED[one]}`).join('')
    return [{ kind: 'strong_lock', words: `takes ${mode} on ${what}${besides}` }]
  })
}

function isOpen(facts: StatementFacts, exposed: ReadonlySet<string>, secured: ReadonlySet<string>): boolean {
  const table = facts.createdTable
  if (table === undefined || table.temporary || table.partitionOf !== undefined) return false
  return exposed.has(table.schema ?? 'public') && !nameOf(table).some((name) => secured.has(name))
}

function nameTable(relation: RelationName | undefined): string {
  return relation === undefined ? '' : formatRelationName(relation)
}

/** A name without a schema is taken to be in `public`. */
function nameOf(relation: RelationName | undefined): readonly string[] {
  return relation === undefined ? [] : [`${relation.schema ?? 'public'}\0${relation.name}`]
}
