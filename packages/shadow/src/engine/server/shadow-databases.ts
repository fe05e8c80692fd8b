import { formatSearchPath, quoteIdentifier, TidemarkError } from '@tidemark/core'
import { type Connection, isServerError } from '@tidemark/pg-driver/engine'
import { type KeptFacts, parseKeptFacts } from '../../cache/kept-facts.ts'
import { markedName } from '../../cache/process-mark.ts'

/** The databases of shadows on a server, seen from one connection that lives as long as they do. */
export interface ShadowDatabases {
  /** Creates a database, empty or as the one that was kept under a key, and says its name. */
  create(from: { readonly key: string } | { readonly name: string } | undefined): Promise<string>
  drop(name: string): Promise<void>
  /** Keeps a copy of a database on which nothing is open. */
  keep(name: string, key: string, facts: KeptFacts): Promise<void>
  forget(key: string): Promise<void>
  find(keys: readonly string[]): Promise<{ readonly length: number; readonly facts: KeptFacts } | undefined>
  /** Notes something on a database that is in use, for the one that drops it after this process was killed. */
  note(name: string, text: string): Promise<void>
  /** Drops what killed processes left, and gives what they had noted. */
  sweep(): Promise<readonly string[]>
  /** Drops every kept database but one. */
  forgetAllBut(key: string | undefined): Promise<void>
}

const SCRATCH = 'tidemark_shadow'
const KEPT = 'tidemark_prefix_'

/** The first half of every advisory lock that says that a shadow is in use. */
const LOCK_CLASS = 0x7469_6465 // "tide"

/** Set for the role in each database, so that what a migration means does not depend on the server. */
const SETTINGS: readonly (readonly [name: string, value: string])[] = [
  ['TimeZone', "'UTC'"],
  ['DateStyle', "'ISO, MDY'"],
  ['IntervalStyle', "'postgres'"],
  ['bytea_output', "'hex'"],
  ['xmloption', "'content'"],
  ['lc_monetary', "'C'"],
  ['default_tablespace', "''"],
]

/** The role that is connected: its name may be anything. */
const OWN = '(SELECT oid FROM pg_catalog.pg_roles WHERE rolname = current_user)'

/** How many databases are kept. */
const LIMIT = 16

/**
 * Makes the databases over one connection. A scratch database is in use as long as its lock is held: the lock
 * ends with the connection, so what a killed process left is known to be left.
 */
export function createShadowDatabases(
  connection: Connection,
  searchPath: readonly string[],
): ShadowDatabases {
  const run = (sql: string) => connection.query(sql)
  const nameOf = (key: string) => `${KEPT}${key.slice(0, 40)}`
  const drop = async (name: string): Promise<void> => {
    const drops = `DROP DATABASE IF EXISTS ${quoteIdentifier(name)}`
    try {
      await run(`${drops} WITH (FORCE)`)
    } catch (error) {
      // Only a superuser may end autovacuum by force; without force the server ends it by itself.
      if (!isServerError(error) || error.code !== '42501') throw error
      await run(drops)
    }
  }
  const listKept = async () => {
    const { rows } = await connection.query<{ name: string; comment: string | null }>(
      `SELECT datname::text AS name, pg_catalog.shobj_description(oid, 'pg_database') AS comment
       FROM pg_catalog.pg_database WHERE datname LIKE '${KEPT.replaceAll('_', '\\_')}%' AND datdba = ${OWN}`,
    )
    return rows.map(({ name, comment }) => ({ name, ...parseComment(comment) }))
  }
  const create: ShadowDatabases['create'] = async (from) => {
    const name = await markedName(SCRATCH)
    await run(`SELECT pg_catalog.pg_advisory_lock(${LOCK_CLASS}, pg_catalog.hashtext('${name}'))`)
    const template =
      from === undefined
        ? "template0 ENCODING 'UTF8'"
        : quoteIdentifier('key' in from ? nameOf(from.key) : from.name)
    try {
      await run(`CREATE DATABASE ${name} TEMPLATE ${template}`)
    } catch (error) {
      throw isServerError(error) ? notCreated(error) : error
    }
    for (const [setting, value] of [...SETTINGS, ['search_path', formatSearchPath(searchPath)]])
      await run(`ALTER ROLE CURRENT_USER IN DATABASE ${name} SET ${setting} = ${value}`)
    return name
  }
  return {
    create,
    drop,
    async keep(name, key, facts) {
      const kept = nameOf(key)
      // A draft until it has its facts: it is swept like a database of a killed process.
      const draft = await create({ name })
      await comment(connection, draft, keptComment(facts))
      try {
        await run(`ALTER DATABASE ${draft} RENAME TO ${kept}`)
      } catch (error) {
        await drop(draft)
        // Another process kept the same at the same moment.
        if (isServerError(error) && error.code === '42P04') return
        throw error
      }
      const others = (await listKept()).filter((one) => one.name !== kept)
      others.sort((a, b) => b.usedAt - a.usedAt)
      for (const old of others.slice(LIMIT - 1)) await drop(old.name)
    },
    forget: (key) => drop(nameOf(key)),
    async find(keys) {
      const kept = new Map((await listKept()).map((one) => [one.name, one]))
      for (let length = keys.length; length > 0; length -= 1) {
        const found = kept.get(nameOf(keys[length - 1] ?? ''))
        if (found?.facts === undefined) continue
        await comment(connection, found.name, keptComment(found.facts))
        return { length, facts: found.facts }
      }
      return undefined
    },
    async sweep() {
      const { rows } = await connection.query<{ name: string; note: string | null }>(
        `SELECT datname::text AS name, pg_catalog.shobj_description(oid, 'pg_database') AS note FROM pg_catalog.pg_database
         WHERE datname LIKE '${SCRATCH.replaceAll('_', '\\_')}\\_%' AND datdba = ${OWN}
           AND NOT EXISTS (SELECT FROM pg_catalog.pg_locks WHERE locktype = 'advisory'
             AND classid = ${LOCK_CLASS} AND objid::int8 = pg_catalog.hashtext(datname::text)::int8 & 4294967295)`,
      )
      for (const { name } of rows) await drop(name)
      return rows.flatMap(({ note }) => note ?? [])
    },
    note: (name, text) => comment(connection, name, text),
    async forgetAllBut(key) {
      const kept = key === undefined ? undefined : nameOf(key)
      for (const { name } of await listKept()) if (name !== kept) await drop(name)
    },
  }
}

/** Such as a full disk, or a server that is shutting down. */
function notCreated(cause: Error): TidemarkError {
  return new TidemarkError({
    code: 'TM5050',
    message: `the shadow server does not create a database: ${cause.message}`,
    help: 'the message of the server says what it lacks; without `shadow` the shadow is in this process',
    cause,
  })
}

interface Kept {
  /** Undefined while it is being made, or where it was not finished. */
  readonly facts: KeptFacts | undefined
  readonly usedAt: number
}

function parseComment(text: string | null): Kept {
  const [time = '', ...json] = (text ?? '').split('\n')
  return { facts: parseKeptFacts(json.join('\n')), usedAt: Number(time) || 0 }
}

function keptComment(facts: KeptFacts): string {
  return `${Date.now()}\n${JSON.stringify(facts)}`
}

async function comment(connection: Connection, name: string, text: string): Promise<void> {
  await connection.query(`COMMENT ON DATABASE ${quoteIdentifier(name)} IS '${text.replaceAll("'", "''")}'`)
}
