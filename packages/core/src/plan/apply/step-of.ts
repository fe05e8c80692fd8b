import type { Diagnostic } from '../../diagnostic/diagnostic.ts'
import { findHeaderValue } from '../../migration/header/find-header-value.ts'
import { countStatements, type Migration, type MigrationId } from '../../migration/model/migration.ts'
import { storedSectionText } from '../../migration/sections/stored-section-text.ts'
import { beginningOf } from '../../sql/beginning-of.ts'
import { sameTokens } from '../../sql/same-tokens.ts'
import type { SqlStatement } from '../../sql/statement.ts'
import type { Span } from '../../text/span.ts'
import { describeHalfRolledBack } from '../changes/describe-half-rolled-back.ts'
import {
  type BatchProgress,
  type MigrationRow,
  type StoredMigration,
  writtenUpSql,
} from '../history/history.ts'
import { findAppliedRow, type HistoryIndex } from '../history/history-index.ts'
import type { PlanStep, StepReason } from '../plan/plan.ts'

/** What {@link stepOf} reads beside the migration. */
export interface StepContext {
  readonly index: HistoryIndex
  readonly stored: ReadonlyMap<MigrationId, StoredMigration>
}

/** A step, or none and an error that says why. */
export interface StepOutcome {
  readonly step?: PlanStep
  readonly findings: readonly Diagnostic[]
}

/**
 * Decides how a due migration runs: from its start, from where a non-transactional attempt stopped, its
 * verify alone, or, for a squash whose replaced migrations are all applied, not at all but recorded.
 */
export function stepOf(migration: Migration, reason: StepReason, context: StepContext): StepOutcome {
  const { id } = migration
  const row = context.index.rows.get(id)
  const state = context.index.states.get(id)
  const done = state !== undefined && 'statementsDone' in state ? state.statementsDone : 0
  if (state?.kind === 'half_rolled_back') return refuse(describeHalfRolledBack(id, done, migration))
  if (row?.progress?.direction === 'up') {
    return continueBatches(migration, { row, progress: row.progress, stored: context.stored.get(id) })
  }
  if (row !== undefined && done > 0) return resume(migration, { row, reason, done }, context)
  if (migration.header.replaces.length > 0) return squash(migration, reason, context)
  return { step: { kind: 'apply', id, migration, reason, resumeAt: 0 }, findings: [] }
}

function resume(
  migration: Migration,
  { row, reason, done }: { readonly row: MigrationRow; readonly reason: StepReason; readonly done: number },
  { stored }: StepContext,
): StepOutcome {
  const { id } = migration
  if (migration.header.transaction !== 'none' || !sameBeginning(migration, row, stored.get(id), done)) {
    return refuse(describeChangedBeginning(migration, done))
  }
  const { verify } = migration
  const onlyVerify = done >= countStatements(migration) && (verify?.statements.length ?? 0) > 0
  return {
    step: onlyVerify
      ? { kind: 'verify', id, migration }
      : { kind: 'apply', id, migration, reason, resumeAt: done },
    findings: [],
  }
}

interface Walked {
  readonly row: MigrationRow
  readonly progress: BatchProgress
  readonly stored: StoredMigration | undefined
}

/**
 * A walk goes on behind its cursor, which is a value of the key. Statements that were changed since, as one that
 * failed has to be, run for the rest of the rows: a warning says so.
 */
function continueBatches(migration: Migration, walked: Walked): StepOutcome {
  const { id, header } = migration
  const { table, column } = walked.progress
  if (header.batches?.table !== table || header.batches.column !== column) {
    return refuse(describeOtherKey(migration, walked.progress))
  }
  return {
    step: { kind: 'apply', id, migration, reason: 'resumed', resumeAt: 0 },
    findings: isAsWalked(migration, walked) ? [] : [describeChangedWalk(migration, walked.progress)],
  }
}

function isAsWalked(migration: Migration, { row, stored }: Walked): boolean {
  if (row.checksum === migration.checksum) return true
  if (migration.large !== undefined || stored === undefined) return false
  return sameTokens(writtenUpSql(stored), storedSectionText(migration, migration.up))
}

function describeOtherKey(migration: Migration, { table, column }: BatchProgress): Diagnostic {
  const { id, source, up } = migration
  return {
    code: 'TM4010',
    severity: 'error',
    message: `"${id}" is partly done in batches of ${table} by ${column}, and its "Batches" has changed since`,
    source,
    span: findHeaderValue(migration, 'batches') ?? up.marker,
    help: `restore "-- Batches: ${table} by ${column}"; to start over, undo by hand what is done and run tidemark mark ${id} --as pending`,
  }
}

function describeChangedWalk(migration: Migration, { column, cursor, rows }: BatchProgress): Diagnostic {
  const { id, source, up } = migration
  const key = cursor.length > 60 ? `${cursor.slice(0, 59)}…` : cursor
  return {
    code: 'TM4010',
    severity: 'warning',
    message: `the @up of "${id}" has changed since it was partly done: up to ${column} = ${key} (${rows} ${rows === 1 ? 'row' : 'rows'}) as it was before, the rest as it is now`,
    source,
    span: up.statements[0] === undefined ? up.marker : codeOf(up.statements[0]),
    help: `if the rows that are done are right, run it; else restore the file, or undo by hand what is done and start over: tidemark mark ${id} --as pending`,
  }
}

function codeOf({ codeStart, codeEnd }: SqlStatement): Span {
  return { start: codeStart, end: codeEnd }
}

/** What is done may not have changed since: it would neither be run again nor be what the file says. */
function sameBeginning(
  migration: Migration,
  row: MigrationRow,
  stored: StoredMigration | undefined,
  done: number,
): boolean {
  if (row.checksum === migration.checksum) return true
  if (migration.large !== undefined) return false
  const statements = migration.up.statements.slice(0, done)
  const end = statements.at(-1)?.end
  if (stored === undefined || end === undefined || statements.length < done) return false
  const ran = beginningOf(writtenUpSql(stored), done)
  const beginning = { ...migration.up, body: { start: migration.up.body.start, end }, statements }
  return ran !== undefined && sameTokens(ran, storedSectionText(migration, beginning))
}

function squash(migration: Migration, reason: StepReason, { index }: StepContext): StepOutcome {
  const { id, header } = migration
  const applied = header.replaces.filter((replaced) => findAppliedRow(index, replaced) !== undefined)
  if (applied.length === header.replaces.length) {
    return { step: { kind: 'record', id, migration, as: 'squash' }, findings: [] }
  }
  const touched = header.replaces.filter((replaced) => {
    if (applied.includes(replaced)) return true
    const state = index.states.get(replaced)
    if (state === undefined) return false
    return 'applied' in state || ('statementsDone' in state && state.statementsDone > 0)
  })
  if (touched.length === 0) {
    return { step: { kind: 'apply', id, migration, reason, resumeAt: 0 }, findings: [] }
  }
  return refuse(describePartial(migration, applied))
}

function refuse(finding: Diagnostic): StepOutcome {
  return { findings: [finding] }
}

function describePartial(migration: Migration, applied: readonly MigrationId[]): Diagnostic {
  const missing = migration.header.replaces.filter((id) => !applied.includes(id))
  const names = missing.map((id) => `"${id}"`).join(', ')
  return {
    code: 'TM4005',
    severity: 'error',
    message: `"${migration.id}" replaces ${migration.header.replaces.length} migrations, but only ${applied.length} ${applied.length === 1 ? 'is' : 'are'} applied; ${names} ${missing.length === 1 ? 'is' : 'are'} not`,
    source: migration.source,
    span: migration.replacesSpans[migration.header.replaces.indexOf(missing[0] ?? '')] ?? {
      start: 0,
      end: 0,
    },
    help: 'restore the replaced files and apply them to this database first, or roll back those that are applied',
  }
}

function describeChangedBeginning(migration: Migration, done: number): Diagnostic {
  const noun = done === 1 ? 'the first statement' : `the first ${done} statements`
  const isLarge = migration.large !== undefined
  const isInTransaction = migration.header.transaction !== 'none'
  const { marker } = migration.up
  const remedy = isLarge
    ? `restore the file (over 16 MiB, only its checksum is compared); to change it, do the rest by hand and run tidemark mark ${migration.id} --as completed`
    : 'restore the statements that are done, and change only what comes after them'
  return {
    code: 'TM4010',
    severity: 'error',
    message: `${noun} of "${migration.id}" ${done === 1 ? 'is' : 'are'} already done, and ${isLarge ? 'the file' : 'that part of the file'} has changed since`,
    source: migration.source,
    span: isInTransaction ? (findHeaderValue(migration, 'transaction') ?? marker) : marker,
    help: `${remedy}; to start over, undo it by hand and run tidemark mark ${migration.id} --as pending`,
  }
}
