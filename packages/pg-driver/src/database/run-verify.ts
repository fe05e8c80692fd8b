import {
  hasCode,
  maskSecrets,
  quoteIdentifier,
  type ReadingSession,
  type SourceFile,
  type StoredMigration,
  scanSql,
  shownPlace,
  TidemarkError,
  type VerifyOutcome,
} from '@tidemark/core'
import type { Connection } from '../connection/connection.ts'
import { hideValuesIn } from '../connection/hide-values.ts'
import { sendMessage } from '../connection/send-message.ts'
import { isConnectionLost, isServerError, SQL_STATE } from '../connection/sql-state.ts'
import { nameLimit } from '../lock/name-limit.ts'
import { translateErrors } from '../lock/translate-errors.ts'
import type { EngineSettings } from '../options/engine-settings.ts'
import { type ScriptStatement, verifyStatement } from '../script/step-script.ts'
import { isVerdict, verdictRow } from '../script/verify-verdict.ts'
import { setConfig } from '../statement/set-config.ts'

/**
 * Makes what runs stored `@verify` sections over a connection: each query in a transaction of its own that
 * cannot write and is rolled back, under the role and the statement timeout of its header. What {@link
 * translateErrors} throws, it throws.
 */
export function createVerify(
  connection: Connection,
  settings: Pick<EngineSettings, 'statementTimeoutMs'>,
  signal: AbortSignal | undefined,
): ReadingSession['verify'] {
  return async function* verify(migrations) {
    for (const migration of migrations) {
      const work = {
        doing: `verifying "${migration.id}"`,
        signal,
        limit: () => nameLimit(connection, 'statement_timeout'),
      }
      yield await translateErrors(work, () => verifyOne(connection, settings, migration))
    }
  }
}

async function verifyOne(
  connection: Connection,
  settings: Pick<EngineSettings, 'statementTimeoutMs'>,
  migration: StoredMigration,
): Promise<VerifyOutcome> {
  const { id } = migration
  const queries = listQueries(migration)
  const startedAt = performance.now()
  for (const [place, query] of queries.entries()) {
    const limitMs = migration.header.statementTimeoutMs ?? settings.statementTimeoutMs
    const error = await runQuery(connection, { header: migration.header, limitMs }, query)
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

function listQueries({ id, verifySql, executed }: StoredMigration): readonly ScriptStatement[] {
  const stored: SourceFile = { path: `${id}.sql (@verify as stored)`, text: verifySql ?? '' }
  const source = executed?.verify ?? stored
  const { text } = source
  return scanSql(text)
    .statements.filter((statement) => hasCode(text, statement))
    .map((statement) => verifyStatement(source, statement))
}

/**
 * @returns why it does not hold. A query that was cancelled without a limit of ours says nothing of the
 * migration: its error is thrown.
 */
async function runQuery(
  connection: Connection,
  { header, limitMs }: Pick<StoredMigration, 'header'> & { readonly limitMs: number },
  { text }: ScriptStatement,
): Promise<Error | undefined> {
  const settings = [
    'BEGIN READ ONLY',
    // Also where none is wanted: a role or a database may set one, which no migration asked for.
    `SET LOCAL statement_timeout = ${limitMs}`,
    // Behind a pooler no session has them.
    ...(connection.wantedSettings?.required ?? []).map((setting) => setConfig(setting, 'transaction')),
    ...(header.role === null ? [] : [`SET LOCAL ROLE ${quoteIdentifier(header.role)}`]),
  ]
  try {
    await sendMessage(connection, settings.join(';\n'))
    await sendMessage(connection, text)
    return undefined
  } catch (error) {
    if (!(error instanceof Error) || isConnectionLost(error)) throw error
    if (isServerError(error) && error.code === SQL_STATE.queryCanceled && limitMs === 0) throw error
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
  hideValuesIn(error, query.source)
  const verdict = isVerdict(error) ? error : undefined
  const { source, span } = shownPlace(query.source, query.span)
  return new TidemarkError({
    code: 'TM5005',
    message: maskSecrets(
      `"${id}" verify ${place + 1} of ${count}: ${verdict === undefined ? '' : 'failed: '}${error.message}`,
    ),
    help:
      isServerError(error) && error.code === SQL_STATE.queryCanceled
        ? 'the query met its time limit: raise "Statement timeout" in its header or statementTimeout, or make it faster in a new migration; nothing was changed'
        : 'fix the data, or the query in a new migration; nothing was changed',
    details: {
      migration: id,
      index: place + 1,
      count,
      sqlState: verdict === undefined && isServerError(error) ? error.code : null,
      detail: verdict === undefined ? null : verdictRow(verdict),
      query: maskSecrets(source.text.slice(span.start, span.end)),
    },
    cause: error,
  })
}
