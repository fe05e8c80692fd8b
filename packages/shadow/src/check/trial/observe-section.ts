import {
  compareSamples,
  isStronger,
  type LockMode,
  type Migration,
  parseSessionSample,
  quoteIdentifier,
  SESSION_SAMPLE_QUERY,
  type SessionSample,
} from '@tidemark/core'
import { type Connection, isServerError } from '@tidemark/pg-driver/engine'
import type { Shadow } from '../../port/shadow.ts'
import { type Direction, readStatements, type SectionStatement } from './read-statements.ts'
import type { TracedSection, TracedStatement } from './trace-section.ts'
import { type TrialFailure, toTrialFailure } from './trial-failure.ts'

/**
 * Runs a section that asks for no transaction, and looks at each statement: in a transaction of its own where that is
 * possible, as with most; else from a second session, as with CONCURRENTLY, whose locks are gone when it is done.
 *
 * @param shadow a copy on a server; it is changed.
 */
export async function observeSection(
  shadow: Pick<Shadow, 'connect'>,
  migration: Migration,
  direction: Direction,
): Promise<TracedSection> {
  const worker = await shadow.connect()
  const statements: TracedStatement[] = []
  let place: number | null = null
  let failure: TrialFailure | null = null
  try {
    if (migration.header.role !== null)
      await worker.query(`SET ROLE ${quoteIdentifier(migration.header.role)}`)
    const start = await takeSample(worker)
    for await (const statement of readStatements(migration, direction)) {
      place = statement.place
      const { samples, durationMs } =
        (await runInTransaction(worker, statement)) ?? (await runObserved(shadow, worker, statement.text))
      statements.push({ statement: place, effects: compareSamples({ start, ...samples }), durationMs })
    }
  } catch (error) {
    failure = toTrialFailure(error, direction, place)
  } finally {
    await worker.close()
  }
  return { statements, failure }
}

interface Ran {
  readonly samples: { readonly before: SessionSample; readonly after: SessionSample }
  readonly durationMs: number
}

/** What the server says to a statement that wants to be alone, or to end the transaction itself. */
const OUTSIDE: ReadonlySet<string> = new Set(['25001', '2D000'])

/** Undefined where the statement does not run in a transaction; it has done nothing then. */
async function runInTransaction(worker: Connection, statement: SectionStatement): Promise<Ran | undefined> {
  await worker.query('BEGIN')
  try {
    const before = await takeSample(worker)
    const startedAt = performance.now()
    if (statement.copyData === undefined) await worker.query(statement.text)
    else await worker.copyIn(statement.text, statement.copyData)
    const durationMs = performance.now() - startedAt
    const after = await takeSample(worker)
    await worker.query('COMMIT')
    return { samples: { before, after }, durationMs }
  } catch (error) {
    await worker.query('ROLLBACK')
    if (isServerError(error) && OUTSIDE.has(error.code)) return undefined
    throw error
  }
}

/**
 * Makes a statement wait for two other sessions, one after the other, so that its locks are seen for certain: first
 * for a lock that it takes itself, then for a writer, since CONCURRENTLY waits for writers when it has its own locks.
 * The time of waiting does not count.
 */
async function runObserved(shadow: Pick<Shadow, 'connect'>, worker: Connection, text: string): Promise<Ran> {
  const pid = await readPid(worker)
  const before = await takeSample(worker)
  const observer = await shadow.connect()
  const holders = [await hold(shadow, 'SHARE UPDATE EXCLUSIVE'), await hold(shadow, 'ROW EXCLUSIVE')]
  const locks = new Map<string, LockMode>()
  const startedAt = performance.now()
  let waitedMs = 0
  let isDone = false
  const running = worker.query(text).finally(() => {
    isDone = true
  })
  // The error is read below, when the observer has ended.
  running.catch(() => undefined)
  try {
    while (!isDone) {
      const seenAt = performance.now()
      const seen = await look(observer, pid)
      for (const [oid, mode] of seen.locks) if (isStronger(mode, locks.get(oid))) locks.set(oid, mode)
      const holder = holders.find((one) => seen.blockers.includes(one.pid))
      if (holder === undefined) continue
      holders.splice(holders.indexOf(holder), 1)
      await holder.close()
      waitedMs += performance.now() - seenAt
    }
    await running
    const durationMs = Math.max(0, performance.now() - startedAt - waitedMs)
    const after = await takeSample(worker)
    return { samples: { before, after: { ...after, locks } }, durationMs }
  } finally {
    for (const holder of holders) await holder.close()
    await running.catch(() => undefined)
    await observer.close()
  }
}

interface Holder {
  readonly pid: string
  close(): Promise<void>
}

/** Opens a session that holds a lock on every table that it may lock. */
async function hold(shadow: Pick<Shadow, 'connect'>, mode: LockMode): Promise<Holder> {
  const session = await shadow.connect()
  try {
    const { rows } = await session.query<{ name: string }>(
      `SELECT pg_catalog.format('%I.%I', n.nspname, c.relname) AS name
       FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
       WHERE c.relkind IN ('r', 'p') AND c.oid >= 16384 AND pg_catalog.has_schema_privilege(n.oid, 'USAGE')
         AND pg_catalog.has_table_privilege(c.oid, 'UPDATE') ORDER BY c.oid`,
    )
    const pid = await readPid(session)
    if (rows.length === 0) return { pid, close: () => session.close() }
    await session.query('BEGIN')
    await session.query(`LOCK TABLE ONLY ${rows.map(({ name }) => name).join(', ONLY ')} IN ${mode} MODE`)
    return { pid, close: () => session.close() }
  } catch (error) {
    await session.close()
    throw error
  }
}

interface Seen {
  readonly locks: ReadonlyMap<string, LockMode>
  readonly blockers: readonly string[]
}

/** What a session has locked or waits for, and which sessions block it. */
async function look(observer: Connection, pid: string): Promise<Seen> {
  const { rows } = await observer.query<{ sample: string; blockers: string }>(
    `SELECT pg_catalog.json_build_object('relations', null, 'counters', null, 'locks',
       (SELECT pg_catalog.json_agg(pg_catalog.json_build_array(relation::text, mode)) FROM pg_catalog.pg_locks
        WHERE pid = ${pid} AND locktype = 'relation' AND relation >= 16384))::text AS sample,
       pg_catalog.array_to_string(pg_catalog.pg_blocking_pids(${pid}), ' ') AS blockers`,
  )
  const [row] = rows
  if (row === undefined) throw new TypeError('the locks of a session are one row')
  return { locks: parseSessionSample(row.sample).locks, blockers: row.blockers.split(' ') }
}

async function readPid(session: Connection): Promise<string> {
  const { rows } = await session.query<{ pid: string }>('SELECT pg_catalog.pg_backend_pid()::text AS pid')
  return rows[0]?.pid ?? ''
}

async function takeSample(session: Connection): Promise<SessionSample> {
  const { rows } = await session.query<{ sample: string }>(SESSION_SAMPLE_QUERY)
  return parseSessionSample(rows[0]?.sample ?? '')
}
