import { type LockHolder, TidemarkError } from '@tidemark/core'
import * as z from 'zod'
import type { Connection, ConnectionTls } from '../connection/connection.ts'
import type { UrlTarget } from '../connection/connection-url.ts'
import type { Engine } from '../engine/engine-port.ts'
import { isTransactionPooled, type PoolerKind } from '../engine/probe-pooler.ts'
import { readServerFacts } from '../engine/probe-server.ts'
import { createServerEngine } from '../engine/server-engine.ts'
import { findHolder } from '../lock/run-lock.ts'
import { engineSettings, type MigrationRunnerOptions } from '../options/migration-options.ts'
import { createTrackingStore } from '../tracking/read/tracking-store.ts'
import { inspectTracking } from '../tracking/schema/inspect.ts'
import { refuseForeign } from '../tracking/schema/refuse-foreign.ts'
import { findWriteRefusal } from '../tracking/schema/tracking-errors.ts'
import type { TrackingState } from '../tracking/schema/tracking-state.ts'
import { wantsRowSecurity } from '../tracking/write/privileges.ts'
import { createServerOptions } from './server-database.ts'

/** A role that a configuration or a file names, and whether the connected one may become it. */
const NamedRoleSchema = z.object({
  name: z.string(),
  exists: z.boolean(),
  /** The connected role may become it by SET ROLE. */
  member: z.boolean(),
})

const RoleSchema = z.object({
  name: z.string(),
  superuser: z.boolean(),
  inherits: z.boolean(),
  bypassesRowSecurity: z.boolean(),
  memberOf: z.array(z.string()),
  /** CREATE on the database: needed for a schema that is missing. */
  createsSchemas: z.boolean(),
  /** CREATE on the tracking schema; null when it does not exist. */
  createsTables: z.boolean().nullable(),
})

const AnswerSchema = z.object({
  versionNumber: z.int(),
  role: RoleSchema,
  named: z.array(NamedRoleSchema),
})

/** What {@link examineServer} found. */
export interface ServerExamination {
  readonly target: UrlTarget
  readonly version: string
  /** Such as 150018. */
  readonly versionNumber: number
  readonly systemIdentifier: string | null
  readonly tls: ConnectionTls | null
  readonly pooler: PoolerKind
  /** The way round the pooler. */
  readonly poolerHelp: string
  readonly role: z.infer<typeof RoleSchema>
  readonly namedRoles: readonly z.infer<typeof NamedRoleSchema>[]
  /** Null when no run is under way. */
  readonly lockHolder: LockHolder | null
  readonly tracking: TrackingState
  /** Whether a run turns row level security on for the tracking tables, else off; see `rowSecurity`. */
  readonly wantsRowSecurity: boolean
  /** Why the tracking tables cannot be read, TM3xxx. */
  readonly readRefusal: TidemarkError | null
  /** Why they cannot be written, TM3xxx or TM5013. */
  readonly writeRefusal: TidemarkError | null
}

/** What {@link examineServer} takes: the options of a runner, and roles that are to be looked for. */
export interface ExaminationOptions extends Omit<MigrationRunnerOptions, 'database' | 'migrations'> {
  readonly database: string
  readonly roles: readonly string[]
  readonly signal?: AbortSignal
}

/**
 * Looks at everything that a run on this server depends on, over the connection that would migrate. Reads
 * only: no lock, no setting, no write.
 *
 * @throws TidemarkError TM5001 when it cannot be connected to, TM7050 to TM7053 for options.
 * @example (await examineServer({ database: url, roles: [] })).pooler // 'none'
 */
export async function examineServer(options: ExaminationOptions): Promise<ServerExamination> {
  const settings = engineSettings(options)
  const { schema, readers } = settings
  const engine = createServerEngine(createServerOptions(options.database, options), settings)
  const connection = await engine.connect('control', options.signal)
  try {
    const facts = await readServerFacts(connection, undefined)
    const pooler = await findPooler(engine, connection, facts.pid)
    const answer = await askAboutRole(connection, schema, options.roles)
    const tracking = await inspectTracking(connection, schema, readers)
    return {
      target: {
        host: engine.target.host,
        port: engine.target.port,
        database: facts.database,
        user: facts.user,
      },
      version: facts.version,
      versionNumber: answer.versionNumber,
      systemIdentifier: facts.systemIdentifier,
      tls: connection.tls ?? null,
      pooler,
      poolerHelp: engine.poolerHelp,
      role: answer.role,
      namedRoles: answer.named,
      lockHolder: await findHolder(connection, schema),
      tracking,
      wantsRowSecurity: wantsRowSecurity(tracking, settings),
      readRefusal: await findReadRefusal(connection, tracking, schema),
      writeRefusal: findWriteRefusal(tracking, schema),
    }
  } finally {
    await connection.close()
  }
}

async function findPooler(engine: Engine, connection: Connection, pid: number): Promise<PoolerKind> {
  if (connection.processId === pid) return 'none'
  const second = await engine.connect('control')
  try {
    return (await isTransactionPooled(connection, pid, second)) ? 'transaction' : 'session'
  } finally {
    second.destroy()
  }
}

async function askAboutRole(connection: Connection, schema: string, roles: readonly string[]) {
  const { rows } = await connection.query<{ answer: string }>(
    `SELECT pg_catalog.json_build_object(
       'versionNumber', pg_catalog.current_setting('server_version_num')::pg_catalog.int4,
       'role', (SELECT pg_catalog.json_build_object('name', r.rolname, 'superuser', r.rolsuper, 'inherits', r.rolinherit,
           'bypassesRowSecurity', r.rolbypassrls,
           'memberOf', (SELECT COALESCE(pg_catalog.json_agg(o.rolname ORDER BY o.rolname), '[]') FROM pg_catalog.pg_roles o
             WHERE o.oid <> r.oid AND NOT r.rolsuper AND pg_catalog.pg_has_role(r.oid, o.oid, 'MEMBER')),
           'createsSchemas', pg_catalog.has_database_privilege(pg_catalog.current_database(), 'CREATE'),
           'createsTables', (SELECT pg_catalog.has_schema_privilege(n.oid, 'CREATE') FROM pg_catalog.pg_namespace n WHERE n.nspname = $1))
         FROM pg_catalog.pg_roles r WHERE r.rolname = current_user),
       'named', (SELECT COALESCE(pg_catalog.json_agg(pg_catalog.json_build_object('name', w.name, 'exists', o.oid IS NOT NULL,
           'member', COALESCE(pg_catalog.pg_has_role(current_user, o.oid, 'MEMBER'), false)) ORDER BY w.name), '[]')
         FROM pg_catalog.json_array_elements_text($2::pg_catalog.json) AS w (name) LEFT JOIN pg_catalog.pg_roles o ON o.rolname = w.name)
     )::pg_catalog.text AS answer`,
    [schema, JSON.stringify(roles)],
  )
  return AnswerSchema.parse(JSON.parse(rows[0]?.answer ?? 'null'))
}

async function findReadRefusal(
  connection: Connection,
  tracking: TrackingState,
  schema: string,
): Promise<TidemarkError | null> {
  try {
    refuseForeign(tracking, schema)
    const store = createTrackingStore(connection, schema)
    await store.readHistory()
    await store.listAttempts({ limit: 1 })
    return null
  } catch (error) {
    if (error instanceof TidemarkError) return error
    throw error
  }
}
