import { TidemarkError } from '@tidemark/core'
import type { Connection } from '@tidemark/pg-driver/engine'

/** What a server says of itself and of the role that is connected. */
export interface ServerFacts {
  readonly version: string
  readonly versionNum: number
  readonly role: string
  readonly isSuperuser: boolean
  readonly mayCreateDatabases: boolean
  /** What else the role may do beyond one database, such as `may create roles (CREATEROLE)`. */
  readonly powers: readonly string[]
  /** Null where the role may not read it. */
  readonly systemIdentifier: string | null
}

/** Roles of PostgreSQL whose members reach beyond one database; some are not in every version. */
const POWERFUL = [
  'pg_create_subscription',
  'pg_execute_server_program',
  'pg_signal_backend',
  'pg_write_server_files',
]

const FACTS = `SELECT pg_catalog.current_setting('server_version') AS version,
  pg_catalog.current_setting('server_version_num')::int AS "versionNum", rolname::text AS role,
  rolsuper AS "isSuperuser", rolcreatedb OR rolsuper AS "mayCreateDatabases",
  ARRAY(SELECT 'may create roles (CREATEROLE)' WHERE rolcreaterole UNION ALL
    SELECT 'may replicate (REPLICATION)' WHERE rolreplication UNION ALL
    (SELECT 'is a member of ' || p.rolname FROM pg_catalog.pg_roles p
     WHERE p.rolname = ANY ('{${POWERFUL}}') AND pg_catalog.pg_has_role(r.oid, p.oid, 'MEMBER') ORDER BY p.rolname)) AS powers,
  (SELECT system_identifier::text FROM pg_catalog.pg_control_system()) AS "systemIdentifier"
FROM pg_catalog.pg_roles r WHERE rolname = current_user`

/** Asks a server in one query. */
export async function readServerFacts(connection: Connection): Promise<ServerFacts> {
  const [facts] = (await connection.query<ServerFacts>(FACTS)).rows
  if (facts === undefined) throw new TypeError('the server answered no row for current_user')
  return facts
}

/** What a server of shadows must not be. */
export interface ServerDemands {
  /** Whether it is there for shadows alone. */
  readonly disposable: boolean
  /** Of the database that the migrations are for. */
  readonly targetIdentifier: string | undefined
}

/** The oldest server that is supported, as `server_version_num`. */
const OLDEST = 140_000

/**
 * Refuses a server on which a shadow cannot be made, or on which a migration could reach beyond its shadow.
 *
 * @throws TidemarkError TM5050 with what to do.
 */
export function checkServer(facts: ServerFacts, { disposable, targetIdentifier }: ServerDemands): void {
  const { version, versionNum, role, isSuperuser, mayCreateDatabases, powers } = facts
  if (versionNum < OLDEST) throw refused(`it is PostgreSQL ${version}`, 'use PostgreSQL 14 or newer')
  if (targetIdentifier !== undefined && targetIdentifier === facts.systemIdentifier)
    throw refused(
      'it is the server of the database that the migrations are for',
      'use another server, or leave `shadow` out: then the shadow is in this process',
    )
  if (!mayCreateDatabases)
    throw refused(
      `the role "${role}" may not create databases`,
      `as a superuser: ALTER ROLE "${role}" CREATEDB`,
    )
  if (disposable) return
  const help =
    'use a role with CREATEDB and nothing more, or set `shadowDisposable` to true if the server is there for shadows alone'
  if (isSuperuser)
    throw refused(`the role "${role}" is a superuser, so a migration could do anything there`, help)
  if (powers.length > 0)
    throw refused(`the role "${role}" ${powers.join(' and ')}, which reaches beyond one database`, help)
}

function refused(why: string, help: string): TidemarkError {
  return new TidemarkError({ code: 'TM5050', message: `the shadow server is refused: ${why}`, help })
}
