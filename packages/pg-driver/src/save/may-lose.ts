import {
  type PlanStep,
  readStatementFacts,
  type SqlStatement,
  type StatementFacts,
  scanSql,
} from '@tidemark/core'
import { batchedStep, sqlOf } from '../script/step-script.ts'

/** Tells whether a step may take data away, or run code of which that is not known. */
export function mayLose(step: PlanStep): boolean {
  return readStep(step).some((read) => (isInTransaction(step) ? maybe(read.facts) : surely(read)))
}

/** Tells whether a step runs in one transaction, so that what it did can be looked at before COMMIT. */
export function isInTransaction(step: PlanStep): boolean {
  if (batchedStep(step) !== undefined) return false
  if (step.kind === 'apply') return step.migration.header.transaction === 'required'
  return step.kind !== 'roll_back' || step.stored.header.transaction === 'required'
}

interface ReadStatement {
  readonly facts: StatementFacts
  readonly text: string
}

function readStep(step: PlanStep): readonly ReadStatement[] {
  if (step.kind === 'apply') {
    const { source, up, large } = step.migration
    // A file too large to be read here may do anything.
    if (large !== undefined) return read('DO', scanSql('DO').statements)
    return read(source.text, up.statements.slice(step.resumeAt))
  }
  if (step.kind !== 'roll_back') return []
  const { source, up } = sqlOf(step)
  return read(source.text, up.slice(step.resumeAt))
}

function read(text: string, statements: readonly SqlStatement[]): readonly ReadStatement[] {
  return statements.map((one) => ({
    facts: readStatementFacts(text, one),
    text: text.slice(one.codeStart, one.codeEnd),
  }))
}

function maybe(facts: StatementFacts): boolean {
  return needsTrial(facts) || facts.destructions.some(isOfRows) || facts.sessionTouches.some(isUnknown)
}

/**
 * Without a transaction there is no look before COMMIT: what the text shows is refused, triggers and views
 * are not looked into.
 */
function surely({ facts, text }: ReadStatement): boolean {
  const runsCode = facts.sessionTouches.some(
    (touch) => touch.kind === 'unknown' && (touch.because === 'code' || touch.because === 'function'),
  )
  if (needsTrial(facts) || facts.destructions.some(isOfRows)) return true
  return WRITING.has(facts.command)
    ? runsCode || /\bdelete\b/i.test(text)
    : runsCode && PROCEDURAL.has(facts.command)
}

const PROCEDURAL: ReadonlySet<string> = new Set(['DO', 'CALL'])

function isUnknown(touch: StatementFacts['sessionTouches'][number]): boolean {
  return touch.kind === 'unknown'
}

function isOfRows({ kind }: StatementFacts['destructions'][number]): boolean {
  return kind === 'delete_all' || kind === 'update_all' || kind === 'delete_matched'
}

const HOLDS_DATA: ReadonlySet<string> = new Set([
  'table',
  'foreign table',
  'materialized view',
  'sequence',
  'extension',
  'owned',
])

/**
 * Tells whether a statement drops, empties or rewrites: what it takes is found by running it in a savepoint.
 */
export function needsTrial({ destructions }: StatementFacts): boolean {
  return destructions.some((one) => {
    if (one.kind === 'drop') return one.cascade || HOLDS_DATA.has(one.object)
    return one.kind === 'truncate' || one.kind === 'drop_column' || one.kind === 'change_type'
  })
}

/** Tells whether a statement may write rows that the server can name beforehand. */
export function mayWrite(facts: StatementFacts, text: string): boolean {
  return (
    WRITING.has(facts.command) && (facts.command === 'EXECUTE' || /\b(?:delete|update|merge)\b/i.test(text))
  )
}

const WRITING: ReadonlySet<string> = new Set([
  'DELETE',
  'UPDATE',
  'MERGE',
  'INSERT',
  'WITH',
  'SELECT',
  'VALUES',
  'EXECUTE',
])
