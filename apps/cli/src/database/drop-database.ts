import { quoteIdentifier, TidemarkError } from '@tidemark/core'
import { parseDatabaseUrl } from '@tidemark/pg-driver'
import {
  type Connection,
  connectToServer,
  explainConnectFailure,
  isServerError,
  pinSearchPath,
} from '@tidemark/pg-driver/engine'
import { isEmbeddedUrl } from '../config/embedded-url.ts'
import { connectToMaintenance } from './connect-to-maintenance.ts'
import { findDatabase } from './find-database.ts'
import type { DatabaseSettings } from './require-database.ts'

/** What {@link dropDatabase} came to. */
export interface DroppedDatabase {
  readonly outcome: 'dropped' | 'created'
  /** Settings of the database that are gone, such as `TimeZone=UTC`. */
  readonly lostSettings: readonly string[]
}

// invalid_catalog_name, object_in_use
const [MISSING, IN_USE] = ['3D000', '55006']

/**
 * Drops the configured database and creates it again, with its owner, encoding and locale; one that is missing
 * is created. Call `refuseDrop` before.
 *
 * @throws {TidemarkError} TM5001 when the server cannot be reached or refuses, TM7038 when the role could not
 *   create it again.
 */
export async function dropDatabase(settings: DatabaseSettings): Promise<DroppedDatabase> {
  const url = settings.directUrl ?? settings.database
  if (isEmbeddedUrl(url)) {
    const { dropEmbeddedDatabase } = await import('@tidemark/embedded')
    return { outcome: (await dropEmbeddedDatabase(url)) ? 'dropped' : 'created', lostSettings: [] }
  }
  const { database } = parseDatabaseUrl(url)
  await refuseOtherName(url, database, settings.connectTimeoutMs)
  const connection = await connectToMaintenance(url, { database, timeoutMs: settings.connectTimeoutMs })
  try {
    return await dropAndCreate(connection, database)
  } finally {
    await connection.close()
  }
}

/** A pooler may give a database another name than its server does: then the server's would be dropped. */
async function refuseOtherName(url: string, database: string, timeoutMs: number): Promise<void> {
  try {
    const connection = await connectToServer({ url, applicationName: 'tidemark', timeoutMs })
    const { rows } = await connection.query('SELECT pg_catalog.current_database() AS name')
    await connection.close()
    if (rows[0]?.['name'] === database) return
    throw new TidemarkError({
      code: 'TM7038',
      message: `the URL leads to the database "${rows[0]?.['name']}", which is "${database}" to a pooler only`,
      help: 'set `directUrl` to the server itself',
    })
  } catch (error) {
    if (isServerError(error) && error.code === MISSING) return
    throw explainConnectFailure(error, url, timeoutMs)
  }
}

/** DROP and CREATE DATABASE name no operator, and refuse to share a message with the statement that pins the path. */
async function dropAndCreate(connection: Connection, database: string): Promise<DroppedDatabase> {
  const pinned = pinSearchPath(connection)
  await refuseUnlessCreator(pinned, database)
  const found = await findDatabase(pinned, database)
  const name = quoteIdentifier(database)
  if (found !== undefined) {
    await connection.query(`DROP DATABASE ${name}`).catch(async (cause: unknown) => {
      throw await cannotDrop(pinned, database, cause)
    })
  }
  const like = found === undefined ? '' : ` OWNER ${quoteIdentifier(found.owner)}${found.locale}`
  const create = `CREATE DATABASE ${name}${like}`
  await connection.query(create).catch((cause: unknown) => {
    throw cannotCreate(create, { database, wasThere: found !== undefined }, cause)
  })
  return { outcome: found === undefined ? 'created' : 'dropped', lostSettings: found?.settings ?? [] }
}

async function refuseUnlessCreator(connection: Connection, database: string): Promise<void> {
  const { rows } = await connection.query<{ readonly role: string; readonly creates: boolean }>(
    'SELECT rolname AS role, rolcreatedb OR rolsuper AS creates FROM pg_roles WHERE rolname = current_user',
  )
  const [{ role, creates } = { role: '', creates: false }] = rows
  if (creates) return
  throw new TidemarkError({
    code: 'TM7038',
    message: `the role "${role}" may not create databases, so "${database}" is not dropped`,
    help: `connect as a role with CREATEDB, or: ALTER ROLE ${quoteIdentifier(role)} CREATEDB`,
  })
}

async function cannotDrop(connection: Connection, database: string, cause: unknown): Promise<TidemarkError> {
  const isInUse = isServerError(cause) && cause.code === IN_USE
  const sessions = isInUse ? await listSessions(connection, database) : []
  return new TidemarkError({
    code: 'TM5001',
    message: `cannot drop the database "${database}": ${reasonOf(cause)}`,
    help:
      sessions.length === 0
        ? 'nothing was changed; drop it by hand, as its owner'
        : `nothing was changed; end these connections first: ${sessions.join('; ')}`,
    cause,
  })
}

async function listSessions(connection: Connection, database: string): Promise<readonly string[]> {
  const { rows } = await connection.query<{ readonly session: string }>(
    `SELECT concat_ws(', ', 'pid ' || pid, nullif(application_name, ''), 'role ' || usename) AS session
     FROM pg_stat_activity WHERE datname = $1 ORDER BY pid`,
    [database],
  )
  return rows.map(({ session }) => session)
}

function cannotCreate(
  statement: string,
  { database, wasThere }: { readonly database: string; readonly wasThere: boolean },
  cause: unknown,
): TidemarkError {
  return new TidemarkError({
    code: 'TM5001',
    message: `cannot create the database "${database}"${wasThere ? ', which is dropped' : ''}: ${reasonOf(cause)}`,
    help: `create it by hand (${statement}), then run \`tidemark up\``,
    cause,
  })
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}
