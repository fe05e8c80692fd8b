import {
  type GivenSearchPath,
  ok,
  parseSearchPath,
  refuseUnknownKeys,
  TidemarkError,
  trackingSchemaOf,
} from '@tidemark/core'
import { checkDriver } from '@tidemark/pg-driver/client'
import { createGate as createBaseGate, type Gate } from '../gate.ts'
import { GATE_OPTION_KEYS, type GateListener, type GateOptions, requireOptions } from '../options.ts'
import type { GateDatabase } from '../status/query-status.ts'
import { createTargetGate, POOLS, type TargetDatabases, type TargetGate } from '../targets/target-gate.ts'
import { isOfTargets, type TargetGateOptions } from '../targets/target-options.ts'
import { checkUrl } from './check-url.ts'
import { migrate } from './migrate-on-start.ts'
import { createNotificationListener } from './notification-listener.ts'
import { createUrlDatabase, openForChecks } from './url-database.ts'

/** Options of `createGate` of `@tidemark/gate/pg`. */
export interface PgGateOptions extends Omit<GateOptions, 'database' | 'listener'> {
  /** A `postgres://` URL, or the application's own pool. */
  readonly database: string | GateDatabase
  /**
   * A direct URL, if `database` is a pool or leads to a pooler: for LISTEN and `migrateOnStart`. Default
   * `database`, for LISTEN if it is a URL.
   */
  readonly directUrl?: string | undefined
  /**
   * Whether this process applies what is pending. Needs a URL, or a `Pool` or `Client` of `pg` whose settings
   * the run connects with; the files; and `@tidemark/pg-driver`. Default false.
   */
  readonly migrateOnStart?: boolean | undefined
  /** For `migrateOnStart`: the schemas in which names without a schema are found. Default: that of the URL or the role. */
  readonly searchPath?: GivenSearchPath | undefined
  /** For `migrateOnStart`: creates the first schema of `searchPath` and `schema` if they are missing. Default false. */
  readonly createSchema?: boolean | undefined
}

/**
 * Makes a gate that has a URL: it listens for the end of a run, so that it opens at once, and can migrate by
 * itself. Notifications only trigger a re-check. Where LISTEN does not work, polling is enough. With
 * `migrateOnStart` one instance applies what is pending. Other instances wait, then re-check; the gate is
 * closed until then.
 *
 * @throws TidemarkError what `createGate` of `@tidemark/gate` throws, and TM7003 for `migrateOnStart` with
 *   a `database` that a run cannot connect by, or without files.
 * @example
 * const gate = createGate({ database: process.env.DATABASE_URL, migrations: 'migrations', migrateOnStart: true })
 * await gate.whenOpen()
 */
export function createGate(options: PgGateOptions): Gate
/**
 * Makes a gate of many targets: `target` says for each request which one it is for, and may name its database
 * by a URL. A connection is opened for each check and closed after it.
 *
 * @throws TidemarkError as for one database.
 * @example
 * const gate = createGate({
 *   migrations: 'migrations',
 *   target: ({ header }) => findTenant(header('host')), // { name, database: 'postgres://…', schema }, or undefined
 * })
 */
export function createGate(options: TargetGateOptions<string | GateDatabase>): TargetGate
export function createGate(
  options: PgGateOptions | TargetGateOptions<string | GateDatabase>,
): Gate | TargetGate {
  return isOfTargets(options) ? createTargetGate(options, URLS_AND_POOLS) : createOneGate(options)
}

const URLS_AND_POOLS: TargetDatabases<string | GateDatabase> = {
  isDatabase: (value): value is string | GateDatabase => typeof value === 'string' || POOLS.isDatabase(value),
  open(database) {
    if (typeof database !== 'string') return POOLS.open(database)
    const opened = openForChecks(database)
    return { database: opened, end: () => opened.end() }
  },
}

function createOneGate(options: PgGateOptions): Gate {
  requireOptions(options)
  refuseUnknownKeys('createGate', Object.keys(options), [
    ...GATE_OPTION_KEYS.filter((key) => key !== 'listener'),
    'directUrl',
    'migrateOnStart',
    'searchPath',
    'createSchema',
  ])
  const { database, directUrl, migrateOnStart = false, searchPath, createSchema, ...rest } = options
  checkConnections(options)
  const url = directUrl ?? (typeof database === 'string' ? database : undefined)
  const schema = options.schema ?? trackingSchemaOf(readPath(searchPath))
  const run = migrateOnStart ? describeRun(options) : undefined
  const opened = typeof database === 'string' ? createUrlDatabase(database) : undefined
  const listening = url === undefined ? undefined : createNotificationListener(url, schema)
  const { listener, wake } = shareWake(listening)
  const gate = createBaseGate({ ...rest, schema, database: opened ?? readPool(database), listener })
  const over = new AbortController()
  const migrated =
    run && migrate({ ...run, signal: over.signal, gate, onEvent: options.onEvent }).finally(wake)
  return {
    ...gate,
    async stop() {
      over.abort()
      await Promise.all([gate.stop(), opened?.end(), migrated])
    },
  }
}

function checkConnections({ database, directUrl, migrateOnStart = false }: PgGateOptions): void {
  if (database === undefined) throw refuse('"database" is missing', 'pass a postgres:// URL or a pool')
  if (typeof database === 'string') checkUrl('database', database)
  if (directUrl !== undefined) checkUrl('directUrl', directUrl)
  if (typeof migrateOnStart === 'boolean') return
  throw refuse('"migrateOnStart" is not valid: needs true or false', 'see docs/gate.md')
}

function readPool(database: PgGateOptions['database']): GateDatabase {
  if (typeof database !== 'string') return database
  throw new TypeError('a URL was not opened')
}

function readPath(given: PgGateOptions['searchPath']): readonly string[] | undefined {
  if (given === undefined) return undefined
  const read = parseSearchPath(given)
  if (read.ok) return read.value
  throw refuse(`"searchPath" is not valid: it ${read.error}`, 'see docs/gate.md')
}

/** Keeps the function that wakes the gate, so that the end of `migrateOnStart` can call it too. */
function shareWake(listening: GateListener | undefined) {
  let wakeGate: () => void = () => undefined
  const listener: GateListener = {
    start(wake) {
      wakeGate = wake
      listening?.start(wake)
    },
    stop: async () => listening?.stop(),
  }
  return { listener, wake: () => wakeGate() }
}

function describeRun(options: PgGateOptions) {
  const { database, directUrl, migrations, schema, environment, searchPath, createSchema } = options
  const target = directUrl ?? database
  const checked = typeof target === 'string' ? ok(target) : checkDriver(target)
  if (!checked.ok) {
    throw refuse(
      `"migrateOnStart" cannot connect by this "database": ${checked.error.reason}`,
      'pass `directUrl`, or as `database` a URL, or a Pool or Client of "pg" that is open and in no transaction',
    )
  }
  const isReader = typeof migrations === 'object' && 'readMigrations' in migrations
  if (isReader || (typeof migrations === 'string' && !migrations.endsWith('.json'))) {
    return { database: checked.value, migrations, schema, environment, searchPath, createSchema }
  }
  throw refuse('"migrateOnStart" needs the files', 'a manifest holds no SQL: pass the folder as `migrations`')
}

function refuse(reason: string, help: string): TidemarkError {
  return new TidemarkError({ code: 'TM7003', message: `createGate: ${reason}`, help })
}
