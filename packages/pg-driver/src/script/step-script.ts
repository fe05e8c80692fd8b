import type {
  LargeContent,
  MigrationHeader,
  PlanStep,
  RunIdentity,
  SourceFile,
  SqlStatement,
} from '@tidemark/core'
import { quoteIdentifier, scanSql, usesBounds } from '@tidemark/core'
import { SEPARATOR } from '../connection/file-statement.ts'
import type { EngineSettings } from '../options/engine-settings.ts'
import type { CompiledStatement } from '../statement/compiled-statement.ts'
import { inlineParameters, quoteParameter } from '../statement/inline-parameters.ts'
import { LEAK_CHECK, type PreparedStatements } from '../statement/prepared-statements.ts'
import { PIN_SEARCH_PATH } from '../statement/search-path.ts'
import {
  COMMIT_TOKEN,
  chainedPreconditionStatement,
  nameApplicationStatement,
  preconditionStatement,
} from '../tracking/write/precondition.ts'
import {
  type ExpectedTransaction,
  recordAppliedStatement,
  recordRolledBackStatement,
  setsCommitToken,
} from '../tracking/write/record.ts'
import { trackingCheckStatements } from '../tracking/write/tracking-check.ts'
import { type FileFacts, readFileFacts } from './file-facts.ts'
import { findIsolationLevel } from './isolation-level.ts'
import type { SentStatement } from './locate-error.ts'
import { ANY_FACTS, DEALLOCATE, type ResetOptions, resetStatements } from './session-reset.ts'
import { VERIFY_PREFIX, verifyBlock, verifyDoBlock } from './verify-block.ts'

/** A step that executes SQL inside one transaction. */
export type TransactionalStep = Extract<PlanStep, { readonly kind: 'apply' | 'roll_back' }>

/** A step that executes SQL. */
export type ExecutableStep = Extract<PlanStep, { readonly kind: 'apply' | 'verify' | 'roll_back' }>

/** One statement of a migration as it is sent. */
export interface ScriptStatement extends SentStatement {
  readonly kind: 'statement' | 'verify'
  /** Inline COPY data of a large file, as it is read; once. */
  readonly copyStream?: AsyncIterable<Uint8Array>
  /** Where in a large file `source` lies. */
  readonly part?: { readonly of: LargeContent; readonly startBytes: number }
  /** The message: the statement itself, or a verify block around it. */
  readonly text: string
}

/**
 * Everything that one step sends, in order: `open`, statements, `beforeVerify`, verify statements, `close`.
 */
export interface StepScript {
  readonly step: TransactionalStep
  readonly source: SourceFile
  readonly header: MigrationHeader
  readonly facts: FileFacts
  /** BEGIN, settings, the precondition and the role: one message. */
  readonly open: string
  /** How many statements `open` holds, each with an answer of its own. */
  readonly openCount: number
  readonly statements: readonly ScriptStatement[]
  /**
   * Between statements and verify, so that a deferred violation is not blamed on a verify; undefined without
   * one.
   */
  readonly beforeVerify: string | undefined
  /**
   * Constraints, roles, the search_path, the record, the reset, COMMIT: one message. `xid` only where the
   * file may clear the setting that holds it.
   */
  readonly close: (xid: string | undefined) => string
  /** Which statements of `close` are the record. */
  readonly record: { readonly from: number; readonly to: number }
  /** Sent after each statement of the file; undefined but for a step that could not be recorded. */
  readonly afterEach: string | undefined
  /**
   * Which of our messages may be one with the statement next to it. `open` only where the file has but one:
   * PostgreSQL parses a message as a whole, so a syntax error in it refuses BEGIN too, and what came behind
   * would run without.
   */
  readonly joins: { readonly open: boolean; readonly close: boolean }
  /** What is in force unless the file changes it; 0 is no limit. */
  readonly lockTimeoutMs: number
}

/** What a script is made from, besides the step. */
export interface ScriptContext extends ResetOptions {
  readonly settings: EngineSettings
  readonly run: RunIdentity
  readonly applicationName: string
  readonly prepared: PreparedStatements
  readonly eventTriggers: 'none' | 'possible'
}

const DEFER_DISK = 'SET LOCAL synchronous_commit = off'
const CHECK_CONSTRAINTS = 'SET CONSTRAINTS ALL IMMEDIATE'

/**
 * What the try before showed of a step: `xid_cleared`, the file clears the setting with the id of its
 * transaction, so the client keeps it; `no_xid`, a statement must come before anything is written, so the
 * transaction gets no id before it; `tables_checked`, it could not be recorded, so the tracking tables are
 * looked at after each statement.
 */
export type Adaptation = 'none' | 'xid_cleared' | 'no_xid' | 'tables_checked'

/** What a script depends on besides its file. */
export interface ScriptPlace {
  /** Ids that must be done before it. */
  readonly after: readonly string[]
  /** `deferred`: its commit need not wait for the disk. */
  readonly durability: 'waited' | 'deferred'
  /**
   * `inline`: precondition and record are written out, since naming them on the server failed or is not worth
   * it.
   */
  readonly naming: 'prepared' | 'inline'
  /** How it is sent after a try that showed a need for it. */
  readonly adaptation?: Adaptation
  /**
   * What the step's record leaves for the precondition of the next one; absent for a step that is sent by
   * itself.
   */
  readonly commitToken?: string | undefined
  /** What the step sent right before it leaves; absent for the first one. */
  readonly previousToken?: string | undefined
}

/** Writes down what a transactional step sends. */
export function writeScript(step: TransactionalStep, place: ScriptPlace, context: ScriptContext): StepScript {
  const { durability, naming, commitToken } = place
  const { source, up, verify, header } = sqlOf(step)
  const facts = factsOf(step, place, context)
  const isNamed = naming === 'prepared' && facts.preparing !== 'possible'
  const call = (statement: CompiledStatement) =>
    isNamed ? context.prepared.call(statement) : [inlineParameters(statement)]
  const role = header.role === null ? [] : [`SET LOCAL ROLE ${quoteIdentifier(header.role)}`]
  const preconditions = preconditionsOf(step, place, context).flatMap(call)
  const level = findIsolationLevel(source, up)
  const begin = level === undefined ? 'BEGIN' : `BEGIN ISOLATION LEVEL ${level}`
  const open = [begin, ...localSettings(header, durability), ...preconditions, ...role]
  const leaveRole =
    facts.mayChangeRole || header.role !== null ? ['RESET SESSION AUTHORIZATION', 'RESET ROLE'] : []
  const check = verify.length === 0 && !facts.leavesNothing ? [CHECK_CONSTRAINTS] : []
  const giveXid =
    place.adaptation === 'no_xid' ? [PIN_SEARCH_PATH, exchangeGuard(guardToken(context, step))] : []
  const before = [...check, ...leaveRole, ...giveXid]
  const reset = resetStatements(facts, context)
  const isReset = reset.length > 0
  // RESET ALL takes what `open` set along.
  const deferAgain = isReset && durability === 'deferred' ? [DEFER_DISK] : []
  const openText = open.join(SEPARATOR)
  const joins = joinsOf(step, facts, { place, openText })
  return {
    step,
    source,
    header,
    facts,
    open: openText,
    openCount: open.length,
    statements: listScriptStatements(step, joins.open ? `${openText}${SEPARATOR}` : ''),
    beforeVerify: verify.length === 0 ? undefined : CHECK_CONSTRAINTS,
    close(xid) {
      const { statement: record, setsToken } = recordOf(step, { xid, commitToken }, context)
      const leaks = isNamed && facts.preparing === 'hidden' ? call(LEAK_CHECK) : []
      const written = call(record)
      if (reset.includes(DEALLOCATE)) context.prepared.forget()
      const isTokenSet = commitToken === undefined || (setsToken && !isReset)
      const setToken = isTokenSet ? [] : [`SET ${COMMIT_TOKEN} = ${quoteParameter(commitToken)}`]
      // A record that sets the token, and what looks for leaks, name their operators with their schema.
      const pin = setsToken ? [] : [PIN_SEARCH_PATH]
      return [...before, ...pin, ...written, ...leaks, ...reset, ...deferAgain, ...setToken, 'COMMIT'].join(
        SEPARATOR,
      )
    },
    // With what pins the search_path before it, and what names it on the server.
    record: { from: before.length, to: before.length + (isNamed ? 3 : 2) },
    afterEach:
      place.adaptation === 'tables_checked' ? checkTables(context.settings.schema, step.id) : undefined,
    joins,
    lockTimeoutMs: header.lockTimeoutMs ?? context.settings.lockTimeoutMs,
  }
}

/** What stands in place of the transaction's id while it has none; a setting that ends with it holds it. */
function guardToken({ run }: ScriptContext, { id }: PlanStep): string {
  return `${run.runId} ${id}`
}

/** Puts the id in place of the token: now the transaction may have one. */
function exchangeGuard(token: string): string {
  return `SELECT pg_catalog.set_config('tidemark.xid', CASE pg_catalog.current_setting('tidemark.xid', true)
    WHEN ${quoteParameter(token)} THEN pg_catalog.pg_current_xact_id()::pg_catalog.text ELSE '' END, true)`
}

/** Looks at the tracking tables as the record will find them, and gives role and search_path back. */
function checkTables(schema: string, id: string): string {
  const keep = (name: string) =>
    `SELECT pg_catalog.set_config('tidemark.${name}', pg_catalog.current_setting('${name}'), true)`
  const giveBack = (name: string) =>
    `SELECT pg_catalog.set_config('${name}', pg_catalog.current_setting('tidemark.${name}'), true)`
  return [
    keep('role'),
    keep('search_path'),
    'SET LOCAL ROLE NONE',
    PIN_SEARCH_PATH,
    ...trackingCheckStatements(schema, id).map(inlineParameters),
    giveBack('search_path'),
    giveBack('role'),
  ].join(SEPARATOR)
}

/** Text beyond this is worth a message of its own. */
const JOINED_LIMIT = 64 * 1024

function factsOf(
  step: TransactionalStep,
  { naming, adaptation = 'none' }: ScriptPlace,
  { eventTriggers }: ScriptContext,
): FileFacts {
  if (step.kind === 'apply' && step.migration.large !== undefined) return ANY_FACTS
  const { source, up, verify } = sqlOf(step)
  const read = readFileFacts(source.text, up, { verify, eventTriggers })
  const awaited = adaptation === 'xid_cleared' || adaptation === 'tables_checked'
  const facts = awaited ? { ...read, needsAnswers: true } : read
  return naming === 'inline' && !facts.leavesNothing ? { ...facts, preparing: 'possible' } : facts
}

/** `pg_stat_activity` shows the first 1024 bytes of a message: the SQL of the file must be among them. */
const LEAD_LIMIT = 256

function joinsOf(
  step: TransactionalStep,
  facts: FileFacts,
  { place, openText }: { readonly place: ScriptPlace; readonly openText: string },
): StepScript['joins'] {
  const isAdapted = place.adaptation !== undefined && place.adaptation !== 'none'
  if (step.kind !== 'apply' || place.commitToken === undefined || !facts.isPlain || facts.needsAnswers)
    return { open: false, close: false }
  if (isAdapted) return { open: false, close: false }
  const { up, verify } = sqlOf(step)
  const last = up.at(-1)
  const close = verify.length === 0 && last !== undefined && last.codeEnd - last.codeStart <= JOINED_LIMIT
  // The token that holds the next one back is known to be another only behind a record of this group.
  const isChained = place.previousToken !== undefined
  return { open: close && isChained && up.length === 1 && openText.length <= LEAD_LIMIT, close }
}

/** Lists the statements of a step as they are sent: its SQL, then its verify. */
export function listScriptStatements(step: ExecutableStep, lead = ''): readonly ScriptStatement[] {
  const { source, up, verify } = sqlOf(step)
  return [
    ...up.map((statement) => asSent(source, statement, lead)),
    ...verify.map((statement) => verifyStatement(source, statement)),
  ]
}

/** The text and the statements of a step: a file's, or those stored for rolling back. */
export function sqlOf(step: ExecutableStep): {
  readonly source: SourceFile
  readonly up: readonly SqlStatement[]
  readonly verify: readonly SqlStatement[]
  readonly header: MigrationHeader
} {
  if (step.kind !== 'roll_back') {
    const { source, up, verify, header } = step.migration
    return {
      source,
      up: step.kind === 'verify' ? [] : up.statements,
      verify: verify?.statements ?? [],
      header,
    }
  }
  const stored = { path: `${step.id}.sql (@down as stored)`, text: step.stored.downSql ?? '' }
  const source: SourceFile = step.stored.executed?.down ?? stored
  const up = scanSql(source.text).statements.filter((one) => one.codeStart < one.codeEnd)
  return { source, up, verify: [], header: step.stored.header }
}

/** Gives the step when it runs in batches: a `@down` where it uses the bounds. */
export function batchedStep(step: PlanStep): TransactionalStep | undefined {
  if (step.kind === 'apply') return step.migration.header.batches === undefined ? undefined : step
  if (step.kind !== 'roll_back' || step.stored.header.batches === undefined) return undefined
  const { source, up } = sqlOf(step)
  return usesBounds(source.text, up) ? step : undefined
}

function localSettings(header: MigrationHeader, durability: ScriptPlace['durability']): readonly string[] {
  return [
    ...(header.lockTimeoutMs === null ? [] : [`SET LOCAL lock_timeout = ${header.lockTimeoutMs}`]),
    ...(header.statementTimeoutMs === null
      ? []
      : [`SET LOCAL statement_timeout = ${header.statementTimeoutMs}`]),
    ...(durability === 'deferred' ? [DEFER_DISK] : []),
  ]
}

/**
 * A step behind another one asks what that one left; the rows are asked by the first one, and where a row may
 * be done already.
 */
function preconditionsOf(
  step: TransactionalStep,
  { after, previousToken, adaptation }: ScriptPlace,
  context: ScriptContext,
): readonly CompiledStatement[] {
  const { settings, lockKey, run, applicationName } = context
  const guard = adaptation === 'no_xid' ? guardToken(context, step) : null
  const { schema } = settings
  const name = `${applicationName} ${step.id}`.slice(0, 63)
  const rerun = step.kind === 'apply' && step.migration.header.run === 'on_change' ? 'allowed' : 'refused'
  const chained =
    previousToken === undefined
      ? nameApplicationStatement(schema, name)
      : chainedPreconditionStatement(schema, {
          lockKey,
          commitToken: previousToken,
          applicationName: name,
          guard,
        })
  if (previousToken !== undefined && step.kind === 'apply' && rerun === 'refused') return [chained]
  const direction = step.kind === 'apply' ? 'up' : 'down'
  const { runId } = run
  return [
    chained,
    preconditionStatement(schema, { id: step.id, direction, lockKey, runId, after, rerun, guard }),
  ]
}

function recordOf(
  step: TransactionalStep,
  { xid, commitToken }: { readonly xid: string | undefined; readonly commitToken: string | undefined },
  { settings, run }: ScriptContext,
): { readonly statement: CompiledStatement; readonly setsToken: boolean } {
  const transaction: ExpectedTransaction = xid === undefined ? { kind: 'guarded' } : { kind: 'known', xid }
  if (step.kind === 'roll_back') {
    const { id } = step
    return {
      statement: recordRolledBackStatement(settings.schema, { id, run, transaction }),
      setsToken: false,
    }
  }
  const { migration } = step
  return {
    statement: recordAppliedStatement(settings.schema, { migration, run, transaction, commitToken }),
    setsToken: commitToken !== undefined && setsCommitToken({ migration, transaction }),
  }
}

function asSent(source: SourceFile, statement: SqlStatement, lead: string): ScriptStatement {
  const span = { start: statement.codeStart, end: statement.codeEnd }
  const { copyData } = statement
  return {
    kind: 'statement',
    source,
    span,
    text: source.text.slice(span.start, span.end),
    ...(lead === '' ? {} : { lead }),
    ...(copyData === undefined ? {} : { copyData }),
  }
}

/** Gives a query of `@verify` as it is sent. It is put inside another one, so its `;` goes. */
export function verifyStatement(source: SourceFile, statement: SqlStatement): ScriptStatement {
  const text = source.text.slice(statement.codeStart, statement.codeEnd)
  const query = text.replace(/\s*;\s*$/, '')
  const isBlock = /^DO\b/i.test(query)
  return {
    kind: 'verify',
    source,
    span: { start: statement.codeStart, end: statement.codeStart + query.length },
    text: isBlock ? verifyDoBlock(query) : verifyBlock(query),
    prefix: isBlock ? '' : VERIFY_PREFIX,
  }
}
