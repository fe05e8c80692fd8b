import {
  hasCode,
  maskSecrets,
  quoteIdentifier,
  type ReadingSession,
  type SourceFile,
  type StoredMigration,
  scanSql,
  TidemarkError,
  type VerifyOutcome,
} from '@tidemark/core'
import type { Connection } from '../connection/connection.ts'
import { sendMessage } from '../connection/send-message.ts'
import { isConnectionLost, isServerError } from '../connection/sql-state.ts'
import { translateErrors } from '../lock/translate-errors.ts'
import { type ScriptStatement, verifyStatement } from '../script/step-script.ts'
import { VERIFY_STATE } from '../script/verify-block.ts'

/**
 * Makes what runs stored `@verify` sections over a connection: each query in a transaction of its own that
 * cannot write and is rolled back, under the role and the statement timeout of its header. What {@link
 * translateErrors} throws, it throws.
 */
export function createVerify(
  connection: Connection,
  signal: AbortSignal | undefined,
): ReadingSession['verify'] {
  return async function* verify(migrations) {
    for (const migration of migrations) {
      yield await translateErrors({ doing: `verifying "${migration.id}"`, signal }, () =>
        verifyOne(connection, migration),
      )
    }
  }
}

async function verifyOne(connection: Connection, migration: StoredMigration): Promise<VerifyOutcome> {
  const { id } = migration
  const queries = listQueries(migration)
  const startedAt = performance.now()
  for (const [place, query] of queries.entries()) {
    const error = await runQuery(connection, migration, query)
    if (error === undefined) continue
    const durationMs = performance.now() - startedAt
    const described = describe(migration, { place, count: queries.length, query, error })
    return { id, kind: 'failed', statements: queries.length, durationMs, error: described }
  }
  const durationMs = performance.now() - startedAt
  return {
    id,
    kind: queries.length === 0 ? 'none' : 'held',
    statements: queries.length,
    durationMs,
    error: null,
  }
}

function listQueries({ id, verifySql }: StoredMigration): readonly ScriptStatement[] {
  const text = verifySql ?? ''
  const source: SourceFile = { path: `${id}.sql (@verify as stored)`, text }
  return scanSql(text)
    .statements.filter((statement) => hasCode(text, statement))
    .map((statement) => verifyStatement(source, statement))
}

/** @returns why it does not hold. */
async function runQuery(
  connection: Connection,
  { header }: StoredMigration,
  { text }: ScriptStatement,
): Promise<Error | undefined> {
  const settings = [
    'BEGIN READ ONLY',
    ...(header.statementTimeoutMs === null
      ? []
      : [`SET LOCAL statement_timeout = ${header.statementTimeoutMs}`]),
    ...(header.role === null ? [] : [`SET LOCAL ROLE ${quoteIdentifier(header.role)}`]),
  ]
  try {
    await sendMessage(connection, settings.join(';\n'))
    await sendMessage(connection, text)
    return undefined
  } catch (error) {
    if (!(error instanceof Error) || isConnectionLost(error)) throw error
    return error
  } finally {
    await sendMessage(connection, 'ROLLBACK')
  }
}

function describe(
  { id }: StoredMigration,
  failed: {
    readonly place: number
    readonly count: number
    readonly query: ScriptStatement
    readonly error: Error
  },
): TidemarkError {
  const { place, count, query, error } = failed
  const states: readonly string[] = [VERIFY_STATE.notTrue, VERIFY_STATE.noRow, VERIFY_STATE.notBoolean]
  const server = isServerError(error) ? error : undefined
  const verdict = server !== undefined && states.includes(server.code) ? 'failed: ' : ''
  const { start, end } = query.span
  return new TidemarkError({
    code: 'TM5005',
    message: maskSecrets(`"${id}" verify ${place + 1} of ${count}: ${verdict}${error.message}`),
    help: 'fix the data, or the query in a new migration; nothing was changed',
    details: {
      migration: id,
      index: place + 1,
      count,
      sqlState: server?.code ?? null,
      query: maskSecrets(query.source.text.slice(start, end)),
    },
    cause: error,
  })
}
