import { TOO_MANY_FILES_HELP } from '@tidemark/core'
import { type ServerError, WRITTEN_BEFORE } from '../connection/sql-state.ts'
import type { FailedStatement } from './describe-failure.ts'
import { hintForVariable } from './hint-for-variable.ts'

type Hint = string | ((error: ServerError, failed: FailedStatement) => string | undefined)

/** The hint by the function of the server that reported the error: unlike its message it is in no language. */
const byRoutine =
  (hints: Readonly<Record<string, string>>, otherwise: string): Hint =>
  ({ routine = '' }) =>
    Object.entries(hints).find(([name]) => routine.startsWith(name))?.[1] ?? otherwise

const NO_SCHEMA =
  'no schema of the search_path exists or may be used: correct its name, or create it. It comes from "searchPath", from the database URL (schema, currentSchema, search_path, options), or from the role or the database'

const SLOT_FIRST =
  'PostgreSQL creates a logical replication slot only before the transaction has written anything: put the statement first, or into a migration of its own'

/** What a SQLSTATE means for a file; where it has several causes, the hint says only what holds for all. */
const HINTS: Readonly<Record<string, Hint>> = {
  '42P01': ({ routine }) =>
    routine === 'errorMissingRTE'
      ? undefined
      : 'the relation does not exist here: check its spelling and schema, search_path, and whether the migration that creates it is in "Depends on"',
  '42883':
    'no such function or operator takes these types here: check the argument types, search_path, "Depends on", and whether an extension is missing',
  '42704':
    'it does not exist here: check its spelling and "Depends on"; it may also come from an extension, or be a role or setting that this server does not have',
  '23505': byRoutine(
    { comparetup_index: 'rows in the table have the same key; DETAIL names one' },
    'a row with this key exists already; DETAIL names it',
  ),
  '23503': 'a row refers to one that does not exist, or is still referred to; DETAIL names it',
  '23502': byRoutine(
    { ATRewriteTable: 'rows have no value in that column: fill it first, or set a default' },
    'a value is missing where NULL is not allowed: give one, or set a default',
  ),
  '23514': (error) => hintForCheck(error),
  '3F000': byRoutine(
    { RangeVarGetCreationNamespace: NO_SCHEMA, QualifiedNameGetCreationNamespace: NO_SCHEMA },
    'the schema does not exist here: check its spelling, and whether the migration that creates it is in "Depends on"',
  ),
  '42601': (error, { place, script }) =>
    place.kind === 'statement' ? hintForVariable(error, place.statement.text, script.header) : undefined,
  '25001': (error, failed) => hintForTransaction(error, failed),
  '55P04': 'a new enum value can only be used after its transaction: add it in a migration of its own',
  '53100': 'the disk of the server is full',
  '53200': byRoutine(
    {
      LockAcquire:
        'the table of locks is full: raise max_locks_per_transaction, or touch fewer objects in one migration',
    },
    'the server ran out of memory',
  ),
  '53000': TOO_MANY_FILES_HELP,
  '58P02': TOO_MANY_FILES_HELP,
  '54000': 'a limit of PostgreSQL is exceeded: the message says which',
  '2D000':
    'a procedure or DO block ended the transaction: with "-- Transaction: none" in the header it may, where it is called by itself, and not from a function or inside a block with EXCEPTION',
  '2BP01': byRoutine(
    {
      DropRole:
        'the role still owns or may use objects: REASSIGN OWNED and DROP OWNED in each database first',
    },
    'other objects depend on it: drop them first, or use CASCADE',
  ),
}

/** Finds the hint that an error itself allows, without asking the server. */
export function hintByState(error: ServerError, failed: FailedStatement): string | undefined {
  const hint = HINTS[error.code]
  return typeof hint === 'function' ? hint(error, failed) : hint
}

function hintForCheck({ routine, constraint }: ServerError): string {
  if (routine === 'ExecFindPartition') return 'no partition takes this row: create one for it first'
  const isScan = routine === 'ATRewriteTable' || routine === 'validateCheckConstraint'
  if (!isScan) return 'a row contradicts the constraint: fix the row, or the constraint'
  return constraint === undefined
    ? 'rows in the table do not belong into that partition: move them first'
    : 'rows in the table contradict the constraint: fix them first; ADD CONSTRAINT … NOT VALID leaves them for later'
}

/** What can run a function or block, in which such a statement is. */
const RUNS_CODE = /^\s*(?:DO|CALL|SELECT|WITH|INSERT|UPDATE|DELETE|MERGE|VALUES|EXECUTE)\b/i
const SET = /^\s*SET\b/i

function hintForTransaction(error: ServerError, { place, script }: FailedStatement): string | undefined {
  if (error.routine === WRITTEN_BEFORE) return SLOT_FIRST
  if (place.kind === 'statement' && SET.test(place.statement.text)) {
    return 'begin "@up" with SET TRANSACTION ISOLATION LEVEL; of its other modes, a migration can have none'
  }
  if (error.routine !== 'PreventInTransactionBlock') return undefined
  if (place.kind === 'statement' && RUNS_CODE.test(place.statement.text)) {
    return 'this cannot run inside a function or DO block: write it as a statement of its own, with "-- Transaction: none" in the header'
  }
  return script.header.transaction === 'none'
    ? undefined
    : 'this cannot run inside a transaction block: add "-- Transaction: none" to the header'
}
