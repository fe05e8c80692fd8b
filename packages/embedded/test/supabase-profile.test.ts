import type { Connection } from '@tidemark/pg-driver/engine'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { supabaseProfileSql } from '../src/index.ts'
import { type SupabaseDatabase, supabaseEngines } from './support/engines.ts'
import { postgrestRequest as request } from './support/postgrest-request.ts'

describe.each(Object.entries(supabaseEngines))('the Supabase profile %s', (_, open) => {
  let database: SupabaseDatabase
  let connection: Connection

  beforeAll(async () => {
    database = await open()
    connection = await database.connect()
  })
  afterAll(async () => {
    await connection.close()
    await database.close()
  })

  const rows = async (sql: string) => (await connection.query(sql)).rows

  test('has the roles with their attributes', async () => {
    expect(
      await rows(`SELECT rolname AS name, rolcanlogin AS login, rolinherit AS inherits, rolbypassrls AS bypasses
        FROM pg_roles WHERE rolname IN ('anon', 'authenticated', 'service_role', 'authenticator', 'supabase_admin',
          'supabase_auth_admin', 'dashboard_user') ORDER BY rolname`),
    ).toEqual([
      { name: 'anon', login: false, inherits: true, bypasses: false },
      { name: 'authenticated', login: false, inherits: true, bypasses: false },
      { name: 'authenticator', login: true, inherits: false, bypasses: false },
      { name: 'dashboard_user', login: false, inherits: true, bypasses: false },
      { name: 'service_role', login: false, inherits: true, bypasses: true },
      { name: 'supabase_admin', login: true, inherits: true, bypasses: true },
      { name: 'supabase_auth_admin', login: true, inherits: false, bypasses: false },
    ])
  })

  test('changes nothing when it is applied again', async () => {
    const before = await rows(SNAPSHOT)
    await connection.query('ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE EXECUTE ON FUNCTIONS FROM anon')
    const revoked = await rows(SNAPSHOT)
    expect(revoked).not.toEqual(before)
    await connection.query(supabaseProfileSql)
    expect(await rows(SNAPSHOT)).toEqual(revoked)
    await connection.query('ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT EXECUTE ON FUNCTIONS TO anon')
  })

  test('reads the request from both of its forms', async () => {
    const user = '5a0d5ab1-8a5b-4d0c-a3c8-0d9b3a3b0001'
    const read = 'SELECT auth.uid() AS uid, auth.role() AS role, auth.email() AS email, auth.jwt() AS jwt'
    expect(await rows(read)).toEqual([{ uid: null, role: null, email: null, jwt: null }])
    const claims = { sub: user, role: 'authenticated', email: 'ada@example.org' }
    await connection.query('BEGIN')
    await connection.query("SELECT set_config('request.jwt.claims', $1, true)", [JSON.stringify(claims)])
    expect(await rows(read)).toEqual([{ uid: user, role: claims.role, email: claims.email, jwt: claims }])
    await connection.query('ROLLBACK')
    await connection.query('BEGIN')
    await connection.query(`SET LOCAL request.jwt.claim.sub = '${user}'`)
    await connection.query("SET LOCAL request.jwt.claim.role = 'anon'")
    expect(await rows(read)).toEqual([{ uid: user, role: 'anon', email: null, jwt: null }])
    await connection.query('ROLLBACK')
    expect(await rows(read)).toEqual([{ uid: null, role: null, email: null, jwt: null }])
  })

  test('takes the name of an object apart', async () => {
    expect(
      await rows(`SELECT storage.foldername(name) AS folders, storage.filename(name) AS file, storage.extension(name) AS extension
        FROM unnest(ARRAY['a/b/photo.tar.gz', 'photo.png']) AS name`),
    ).toEqual([
      { folders: ['a', 'b'], file: 'photo.tar.gz', extension: 'gz' },
      { folders: [], file: 'photo.png', extension: 'png' },
    ])
  })

  test('opens new tables to the API roles, and row security closes them', async () => {
    await connection.query(`
      CREATE TABLE notes (id int GENERATED ALWAYS AS IDENTITY, owner uuid DEFAULT auth.uid(), body text);
      ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
      CREATE POLICY own ON notes TO authenticated USING (owner = (SELECT auth.uid()));
    `)
    const ada = '5a0d5ab1-8a5b-4d0c-a3c8-0d9b3a3b0001'
    const bob = '5a0d5ab1-8a5b-4d0c-a3c8-0d9b3a3b0002'
    await request(connection, 'authenticated', ada, "INSERT INTO notes (body) VALUES ('of Ada')")
    await request(connection, 'authenticated', bob, "INSERT INTO notes (body) VALUES ('of Bob')")
    const list = 'SELECT body FROM notes ORDER BY id'
    expect(await request(connection, 'authenticated', ada, list)).toEqual([{ body: 'of Ada' }])
    expect(await request(connection, 'anon', null, list)).toEqual([])
    expect(await request(connection, 'service_role', null, list)).toEqual([
      { body: 'of Ada' },
      { body: 'of Bob' },
    ])
    await expect(request(connection, 'authenticated', ada, 'SELECT * FROM auth.users')).rejects.toMatchObject(
      {
        code: '42501',
      },
    )
    await connection.query('DROP TABLE notes')
    const { rows } = await connection.query(
      `INSERT INTO auth.users (id, email, email_confirmed_at, phone) VALUES ('${ada}', 'ada@example.org', now(), '1')
       RETURNING confirmed_at = email_confirmed_at AS confirmed, banned_until, is_anonymous, is_sso_user, deleted_at`,
    )
    expect(rows).toEqual([
      { confirmed: true, banned_until: null, is_anonymous: false, is_sso_user: false, deleted_at: null },
    ])
    await connection.query(`DELETE FROM auth.users WHERE id = '${ada}'`)
  })
})

const SNAPSHOT = `
  SELECT 'role ' || rolname || ' ' || row(rolsuper, rolinherit, rolcreaterole, rolcreatedb, rolcanlogin, rolbypassrls)::text AS fact
  FROM pg_roles
  UNION ALL SELECT 'member ' || roleid::regrole || ' ' || member::regrole FROM pg_auth_members
  UNION ALL SELECT 'default ' || defaclrole::regrole || ' ' || defaclnamespace::regnamespace || defaclobjtype::text || defaclacl::text FROM pg_default_acl
  UNION ALL SELECT 'schema ' || nspname || nspacl::text FROM pg_namespace WHERE nspacl IS NOT NULL
  UNION ALL SELECT 'relation ' || oid::regclass || coalesce(relacl::text, '') FROM pg_class WHERE relnamespace = ANY ('{auth,storage,realtime}'::regnamespace[])
  UNION ALL SELECT 'routine ' || oid::regprocedure || md5(prosrc) FROM pg_proc WHERE pronamespace = ANY ('{auth,storage,realtime}'::regnamespace[])
  UNION ALL SELECT 'setting ' || setrole::regrole || setconfig::text FROM pg_db_role_setting
  ORDER BY fact`
