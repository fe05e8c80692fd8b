import { quoteIdentifier, TidemarkError } from '@tidemark/core'
import { isServerError, SQL_STATE } from '@tidemark/pg-driver/engine'
import type { ClientBase } from 'pg'

/** The schema of the engine's objects. */
export const JOBS_SCHEMA = 'tidemark_jobs'

const SCHEMAS = ['tidemark_fleet', JOBS_SCHEMA] as const

/**
 * What is in the two schemas, or is open to others, and belongs to a role that this session does not trust:
 * it trusts itself, the roles that it is a member of, the owner of the database, and superusers.
 */
const FIND_UNTRUSTED = `
WITH RECURSIVE own(oid) AS (
  SELECT r.oid FROM pg_roles r WHERE r.rolname IN (current_user, session_user)
  UNION SELECT m.roleid FROM pg_auth_members m JOIN own ON m.member = own.oid
), trusted(oid) AS (
  SELECT oid FROM own
  UNION ALL SELECT r.oid FROM pg_roles r WHERE r.rolsuper OR r.rolname = 'pg_database_owner'
  UNION ALL SELECT d.datdba FROM pg_database d WHERE d.datname = current_database()
), ours AS (
  SELECT n.oid, n.nspname, n.nspowner, n.nspacl FROM pg_namespace n WHERE n.nspname = ANY ($1)
), objects(what, owner) AS (
  SELECT 'the schema ' || quote_ident(nspname), nspowner FROM ours
  UNION ALL SELECT 'the relation ' || quote_ident(c.relname), c.relowner FROM pg_class c JOIN ours ON ours.oid = c.relnamespace
  UNION ALL SELECT 'the function ' || quote_ident(p.proname), p.proowner FROM pg_proc p JOIN ours ON ours.oid = p.pronamespace
  UNION ALL SELECT 'the type ' || quote_ident(t.typname), t.typowner FROM pg_type t JOIN ours ON ours.oid = t.typnamespace
    WHERE t.typrelid = 0 AND t.typcategory <> 'A'
  UNION ALL SELECT 'the operator ' || o.oprname, o.oprowner FROM pg_operator o JOIN ours ON ours.oid = o.oprnamespace
)
SELECT what || ' belongs to ' || quote_ident(pg_get_userbyid(owner)) AS found FROM objects WHERE owner NOT IN (SELECT oid FROM trusted)
UNION ALL
SELECT 'the schema ' || quote_ident(nspname) || ' is open to ' || CASE grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END
  FROM ours, aclexplode(nspacl) WHERE grantee NOT IN (SELECT oid FROM trusted)
UNION ALL
SELECT 'the table ' || quote_ident(c.relname) || ' has the trigger ' || quote_ident(g.tgname)
  FROM pg_trigger g JOIN pg_class c ON c.oid = g.tgrelid JOIN ours ON ours.oid = c.relnamespace JOIN pg_proc p ON p.oid = g.tgfoid
  WHERE NOT g.tgisinternal AND p.pronamespace <> c.relnamespace
UNION ALL
SELECT 'the table ' || quote_ident(c.relname) || ' has the rule ' || quote_ident(w.rulename)
  FROM pg_rewrite w JOIN pg_class c ON c.oid = w.ev_class JOIN ours ON ours.oid = c.relnamespace WHERE c.relkind <> 'v'
ORDER BY 1 LIMIT 5`

const TABLES = `
CREATE TABLE IF NOT EXISTS tidemark_fleet.rollouts (
  id uuid PRIMARY KEY,
  direction text NOT NULL CHECK (direction IN ('up', 'down')),
  state text NOT NULL CHECK (state IN ('running', 'paused', 'complete', 'stopped', 'cancelled')),
  files_digest text NOT NULL,
  files jsonb NOT NULL,
  waves text[] NOT NULL,
  wave int NOT NULL DEFAULT 0,
  wave_at timestamptz NOT NULL DEFAULT now(),
  pause_ms bigint NOT NULL,
  allowed int NOT NULL,
  failures int NOT NULL DEFAULT 0,
  request jsonb,
  settings jsonb NOT NULL,
  executed_by text NOT NULL,
  reason text,
  traceparent text,
  started_at timestamptz NOT NULL DEFAULT now(),
  ended_at timestamptz
);
CREATE TABLE IF NOT EXISTS tidemark_fleet.targets (
  rollout uuid NOT NULL REFERENCES tidemark_fleet.rollouts ON DELETE CASCADE,
  name text NOT NULL,
  place int NOT NULL,
  wave int NOT NULL,
  slot text,
  plan_digest text,
  steps text[],
  begun_at timestamptz,
  outcome text CHECK (outcome IN ('done', 'current', 'failed')),
  done text[] NOT NULL DEFAULT '{}',
  duration_ms int,
  code text,
  message text,
  help text,
  PRIMARY KEY (rollout, name)
);`

/**
 * Refuses a queue in which another role has a say.
 *
 * @throws TidemarkError TM3008 with what was found; nothing was written.
 */
export async function refuseUntrusted(client: ClientBase): Promise<void> {
  const { rows } = await client.query<{ readonly found: string }>(FIND_UNTRUSTED, [SCHEMAS])
  if (rows.length === 0) return
  throw new TidemarkError({
    code: 'TM3008',
    message: `the objects of the queue cannot be trusted: ${rows.map(({ found }) => found).join('; ')}`,
    help: `look at them with \\dn+ tidemark_* in psql; drop what does not belong there (a queue without open rollouts can be dropped: DROP SCHEMA ${SCHEMAS.join(', ')} CASCADE), or let a role that you trust own them`,
    details: { schema: SCHEMAS.join(', '), found: rows.map(({ found }) => found) },
  })
}

/** Tells whether there is a queue. */
export async function isQueueCreated(client: ClientBase): Promise<boolean> {
  const { rows } = await client.query<{ readonly is: boolean }>(
    "SELECT to_regclass('tidemark_fleet.targets') IS NOT NULL AND to_regclass('tidemark_jobs.jobs') IS NOT NULL AS is",
  )
  return rows[0]?.is === true
}

/**
 * Makes the two schemas, for this role alone, and our tables. The engine makes its own objects in its schema.
 *
 * @throws TidemarkError TM3005 where this role may not, TM3008.
 */
export async function createQueue(client: ClientBase): Promise<true> {
  if (await isQueueCreated(client)) return true
  try {
    await client.query('BEGIN')
    await client.query("SELECT pg_advisory_xact_lock(hashtext('tidemark_fleet'))")
    for (const name of SCHEMAS) await createSchema(client, name)
    await client.query(TABLES)
    await refuseUntrusted(client)
    await client.query('COMMIT')
    return true
  } catch (error) {
    if (!isServerError(error) || error.code !== SQL_STATE.insufficientPrivilege) throw error
    throw new TidemarkError({
      code: 'TM3005',
      message: `the queue cannot be created: ${error.message}`,
      help: 'let the role of the queue own its database, or GRANT CREATE ON DATABASE … TO it',
      cause: error,
    })
  }
}

/** Default privileges of the database may open a new schema to others. */
async function createSchema(client: ClientBase, name: string): Promise<void> {
  const { rowCount } = await client.query('SELECT FROM pg_namespace WHERE nspname = $1', [name])
  if (rowCount !== 0) return
  await client.query(`CREATE SCHEMA ${quoteIdentifier(name)}`)
  const { rows } = await client.query<{ readonly role: string | null }>(
    `SELECT CASE grantee WHEN 0 THEN NULL ELSE pg_get_userbyid(grantee)::text END AS role
     FROM pg_namespace, aclexplode(nspacl) WHERE nspname = $1 AND grantee <> nspowner`,
    [name],
  )
  for (const { role } of rows) {
    const from = role === null ? 'PUBLIC' : quoteIdentifier(role)
    await client.query(`REVOKE ALL ON SCHEMA ${quoteIdentifier(name)} FROM ${from}`)
  }
}
