import type {
  LargeContent,
  MigrationHeader,
  PlanStep,
  RunIdentity,
  SourceFile,
  SqlStatement,
} from '@tidemark/core'
import { scanSql } from '@tidemark/core'
import type { CompiledStatement } from './compiled-statement.ts'
import type { EngineSettings } from './engine-settings.ts'
import { type FileFacts, readFileFacts } from './file-facts.ts'
import { guardStatement } from './guard.ts'
import { inlineParameters } from './inline-parameters.ts'
import type { SentStatement } from './locate-error.ts'
import { LEAK_CHECK, type PreparedStatements } from './prepared-statements.ts'
import { type ExpectedTransaction, recordAppliedStatement, recordRolledBackStatement } from './record.ts'
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

/** Everything that one step sends, in order: `open`, statements, `beforeVerify`, verify statements, `close`. */
export interface StepScript {
  readonly step: TransactionalStep
  readonly source: SourceFile
  readonly header: MigrationHeader
  readonly facts: FileFacts
  /** BEGIN, settings, the guard and the role: one message. */
  readonly open: string
  readonly statements: readonly ScriptStatement[]
  /** Between statements and verify, so that a deferred violation is not blamed on a verify; undefined without one. */
  readonly beforeVerify: string | undefined
  /** Constraints, roles, the record, the reset, COMMIT: one message. `xid` only where the file may clear the marker. */
  readonly close: (xid: string | undefined) => string
  /** What is in force unless the file changes it; 0 is no limit. */
  readonly lockTimeoutMs: number
}

/** What a script is made from, besides the step. */
export interface ScriptContext extends ResetOptions {
  readonly settings: EngineSettings
  readonly run: RunIdentity
  readonly applicationName: string
  readonly prepared: PreparedStatements
}

const DEFER_DISK = 'SET LOCAL synchronous_commit = off'
const CHECK_CONSTRAINTS = 'SET CONSTRAINTS ALL IMMEDIATE'

/** What a script depends on besides its file. */
export interface ScriptPlace {
  /** Ids that must be done before it. */
  readonly after: readonly string[]
  /** `deferred`: its commit need not wait for the disk. */
  readonly durability: 'waited' | 'deferred'
  /** `inline`: guard and record are written out, since naming them on the server failed or is not worth it. */
  readonly naming: 'prepared' | 'inline'
}

/** Writes down what a transactional step sends. */
export function writeScript(
  step: TransactionalStep,
  { after, durability, naming }: ScriptPlace,
  context: ScriptContext,
): StepScript {
  const { source, up, verify, header } = sqlOf(step)
  const isDigest = step.kind === 'apply' && step.migration.large !== undefined
  const read = isDigest ? ANY_FACTS : readFileFacts(source.text, up)
  const facts =
    naming === 'inline' && !read.leavesNothing ? { ...read, preparing: 'possible' as const } : read
  const isNamed = naming === 'prepared' && facts.preparing !== 'possible'
  const call = (statement: CompiledStatement) =>
    isNamed ? context.prepared.call(statement) : [inlineParameters(statement)]
  const role = header.role === null ? [] : [`SET LOCAL ROLE ${quoteIdentifier(header.role)}`]
  const open = [
    'BEGIN',
    ...localSettings(header, durability, step.id, context),
    ...call(guardOf(step, after, context)),
    ...role,
  ]
  const leaveRole =
    facts.mayChangeRole || header.role !== null ? ['RESET SESSION AUTHORIZATION', 'RESET ROLE'] : []
  const check = verify.length === 0 ? [CHECK_CONSTRAINTS] : []
  const reset = resetStatements(facts, context)
  // RESET ALL takes what `open` set along.
  const deferAgain = reset.length > 0 && durability === 'deferred' ? [DEFER_DISK] : []
  return {
    step,
    source,
    header,
    facts,
    open: open.join(';\n'),
    statements: listScriptStatements(step),
    beforeVerify: verify.length === 0 ? undefined : CHECK_CONSTRAINTS,
    close(xid) {
      const record = call(recordOf(step, xid, context))
      const leaks = isNamed && facts.preparing === 'hidden' ? call(LEAK_CHECK) : []
      if (reset.includes(DEALLOCATE)) context.prepared.forget()
      return [...check, ...leaveRole, ...record, ...leaks, ...reset, ...deferAgain, 'COMMIT'].join(';\n')
    },
    lockTimeoutMs: header.lockTimeoutMs ?? context.settings.lockTimeoutMs,
  }
}

/** Lists the statements of a step as they are sent: its SQL, then its verify. */
export function listScriptStatements(step: ExecutableStep): readonly ScriptStatement[] {
  const { source, up, verify } = sqlOf(step)
  return [
    ...up.map((statement) => asSent(source, statement)),
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
  const text = step.stored.downSql ?? ''
  const up = scanSql(text).statements.filter((one) => one.codeStart < one.codeEnd)
  const source = { path: `${step.id}.sql (@down as stored)`, text }
  return { source, up, verify: [], header: step.stored.header }
}

function localSettings(
  header: MigrationHeader,
  durability: 'waited' | 'deferred',
  id: string,
  { applicationName }: ScriptContext,
): readonly string[] {
  const name = `${applicationName} ${id}`.slice(0, 63).replaceAll("'", '')
  return [
    ...(header.lockTimeoutMs === null ? [] : [`SET LOCAL lock_timeout = ${header.lockTimeoutMs}`]),
    ...(header.statementTimeoutMs === null
      ? []
      : [`SET LOCAL statement_timeout = ${header.statementTimeoutMs}`]),
    ...(durability === 'deferred' ? [DEFER_DISK] : []),
    `SET LOCAL application_name = '${name}'`,
  ]
}

function guardOf(
  step: TransactionalStep,
  after: readonly string[],
  context: ScriptContext,
): CompiledStatement {
  const rerun = step.kind === 'apply' && step.migration.header.run === 'on_change' ? 'allowed' : 'refused'
  return guardStatement(context.settings.schema, {
    id: step.id,
    direction: step.kind === 'apply' ? 'up' : 'down',
    lockKey: context.lockKey,
    runId: context.run.runId,
    after,
    rerun,
  })
}

function recordOf(
  step: TransactionalStep,
  xid: string | undefined,
  { settings, run }: ScriptContext,
): CompiledStatement {
  const transaction: ExpectedTransaction = xid === undefined ? { kind: 'guarded' } : { kind: 'known', xid }
  return step.kind === 'apply'
    ? recordAppliedStatement(settings.schema, { migration: step.migration, run, transaction })
    : recordRolledBackStatement(settings.schema, { id: step.id, run, transaction })
}

function asSent(source: SourceFile, statement: SqlStatement): ScriptStatement {
  const span = { start: statement.codeStart, end: statement.codeEnd }
  const { copyData } = statement
  return {
    kind: 'statement',
    source,
    span,
    text: source.text.slice(span.start, span.end),
    ...(copyData === undefined ? {} : { copyData }),
  }
}

/** Gives a query of `@verify` as it is sent. It stands inside another one, so its `;` goes. */
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

function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}
