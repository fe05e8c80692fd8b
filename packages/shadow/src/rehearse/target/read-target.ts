import {
  type CatalogScope,
  type History,
  markCatalog,
  parseLockMode,
  type ReadingSession,
  readCatalog,
  TidemarkError,
  withoutHashes,
} from '@tidemark/core'
import { isServerError, type ServerError, SQL_STATE } from '@tidemark/pg-driver/engine'
import { z } from 'zod'
import { NOTHING_APPLIED, readApplied } from '../../drift/check-drift.ts'
import { describeSession } from './describe-session.ts'
import type { HeldLock, RecordedStatements, TargetFacts, TargetSession } from './target.ts'
import {
  EXTENSIONS,
  HELD,
  READER,
  RECORDER,
  RELATIONS,
  ROLES,
  recordedQuery,
  TRANSACTIONS,
} from './target-queries.ts'

/** What {@link readTarget} is asked for. */
export interface TargetReading {
  /** Which part of the schema is remembered, to tell later whether it has changed. */
  readonly scope: CatalogScope
  /** Whether the statements of `pg_stat_statements` are read too. */
  readonly recorded: 'read' | 'not_read'
  /** With which values that may be secret are hashed. */
  readonly secretKey: string
}

type Session = ReadingSession['catalog']

/**
 * Reads a target in one transaction, which is read only and rolled back: its catalog, what it says is applied, the
 * sizes of its tables, its roles, and who holds locks now. It sends BEGIN, SET, SELECT and ROLLBACK, nothing else.
 *
 * @throws TidemarkError TM5009 where a table is locked against everybody, TM5014, and what reading the tracking tables
 *   throws.
 */
export async function readTarget(reader: ReadingSession, asked: TargetReading): Promise<TargetFacts> {
  const { catalog: session } = reader
  // A table that is missing fails the transaction that looks for it.
  const { kind } = await reader.store.readHistory()
  try {
    return await inReading(session, () => readAll(reader, asked, kind))
  } catch (error) {
    throw isServerError(error) ? await explainFailure(reader, error) : error
  }
}

/** Reads which locks on relations other sessions hold at this moment: the strongest mode of each on each. */
export async function readHeldLocks({ catalog: session }: ReadingSession): Promise<readonly HeldLock[]> {
  const held = await inReading(session, () => rowsOf(session, HELD, HeldRow))
  return held.flatMap(toHeldLock)
}

async function inReading<T>(session: Session, read: () => Promise<T>): Promise<T> {
  await session.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
  try {
    return await read()
  } finally {
    await session.query('ROLLBACK')
  }
}

/** Who locks a table against everybody is in the way: parts of the catalog cannot be read then. */
async function explainFailure(reader: ReadingSession, cause: ServerError): Promise<TidemarkError> {
  if (cause.code !== SQL_STATE.lockNotAvailable) {
    return new TidemarkError({
      code: 'TM5014',
      message: `the server failed while reading the schema: ${cause.message}`,
      help: cause.hint ?? 'fix what the server complains of, then run it again: nothing was changed',
      details: { sqlState: cause.code, detail: cause.detail ?? null },
      cause,
    })
  }
  const held = await readHeldLocks(reader).catch(() => [])
  const who = held
    .filter(({ mode }) => mode === 'ACCESS EXCLUSIVE')
    .map((lock) => `${describeSession(lock.session)} holds it on ${lock.schema}.${lock.name}`)
  return new TidemarkError({
    code: 'TM5009',
    message: 'the schema cannot be read: a session locks a table with ACCESS EXCLUSIVE',
    help:
      who.length === 0
        ? 'run it again when that has ended'
        : `${who.join('; ')}: run it again when that has ended`,
    details: { sqlState: cause.code },
    cause,
  })
}

async function readAll(
  reader: ReadingSession,
  { scope, recorded, secretKey }: TargetReading,
  tracking: History['kind'],
): Promise<TargetFacts> {
  const { catalog: session, serverVersion } = reader
  const trackingSchema = reader.target.schema
  const catalog = await readCatalog(session, { secretKey, transaction: 'begun' })
  const mark = await markCatalog(session, withoutHashes(catalog), { ...scope, trackingSchema })
  const applied = tracking === 'absent' ? NOTHING_APPLIED : await readApplied(reader)
  const [own] = await rowsOf(session, READER, ReaderRow)
  if (own === undefined) throw new TypeError('a SELECT without FROM has one row')
  const held = await rowsOf(session, HELD, HeldRow)
  return {
    ...own,
    serverVersion,
    catalog,
    mark,
    ...applied,
    roles: await rowsOf(session, ROLES, RoleRow),
    extensions: (await rowsOf(session, EXTENSIONS, NameRow)).map(({ name }) => name),
    held: held.flatMap(toHeldLock),
    transactions: (await rowsOf(session, TRANSACTIONS, SessionRow)).map((row) => toSession(row.session)),
    relations: await rowsOf(session, RELATIONS, RelationRow),
    recorded: recorded === 'read' ? await readRecorded(session) : { kind: 'not_asked' },
  }
}

async function readRecorded(session: Session): Promise<RecordedStatements> {
  const [found] = await rowsOf(session, RECORDER, RecorderRow)
  if (found === undefined)
    return { kind: 'not_read', why: 'the extension pg_stat_statements is not installed there' }
  if (!found.isLoaded)
    return { kind: 'not_read', why: 'pg_stat_statements is not in shared_preload_libraries there' }
  return { kind: 'read', statements: await rowsOf(session, recordedQuery(found.schema), RecordedRow) }
}

function toHeldLock({ schema, name, mode, session }: z.infer<typeof HeldRow>): readonly HeldLock[] {
  const parsed = parseLockMode(mode)
  return parsed === undefined ? [] : [{ schema, name, mode: parsed, session: toSession(session) }]
}

function toSession(json: string): TargetSession {
  return SessionSchema.parse(JSON.parse(json))
}

async function rowsOf<T>(session: Session, query: string, schema: z.ZodType<T>): Promise<readonly T[]> {
  return z.array(schema).parse((await session.query(query)).rows)
}

const ReaderRow = z.object({ role: z.string(), isStandby: z.boolean(), searchPath: z.string().nullable() })
const NameRow = z.object({ name: z.string() })
const RoleRow = z.object({
  name: z.string(),
  isSuperuser: z.boolean(),
  bypassesRowSecurity: z.boolean(),
  inherits: z.boolean(),
  memberOf: z.array(z.string()),
})
const RelationRow = z.object({
  schema: z.string(),
  name: z.string(),
  owner: z.string(),
  rows: z.number().nullable(),
  bytes: z.number().nullable(),
  indexes: z.number(),
  indexBytes: z.number().nullable(),
})
const SessionSchema = z.object({
  pid: z.number().nullable(),
  applicationName: z.string().nullable(),
  role: z.string().nullable(),
  state: z.string().nullable(),
  kind: z.string().nullable(),
  seconds: z.number().nullable(),
})
const SessionRow = z.object({ session: z.string() })
const HeldRow = z.object({ schema: z.string(), name: z.string(), mode: z.string(), session: z.string() })
const RecorderRow = z.object({ schema: z.string(), isLoaded: z.boolean() })
const RecordedRow = z.object({ text: z.string().nullable(), role: z.string().nullable() })
