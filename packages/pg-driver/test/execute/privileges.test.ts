import { randomBytes } from 'node:crypto'
import { compareIds, TidemarkError } from '@tidemark/core'
import { createTestDatabase, type TestDatabase } from '@tidemark/test-servers'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createMigrationRunner, createServerDatabase } from '../../src/index.ts'
import { createMigrationFolder, type MigrationFolder } from '../support/migration-files.ts'

let database: TestDatabase
let folder: MigrationFolder
let roles: string[]
beforeEach(async () => {
  database = await createTestDatabase()
  folder = await createMigrationFolder()
  roles = []
})
afterEach(async () => {
  await folder.drop()
  await database.query(`ALTER DATABASE "${database.name}" OWNER TO postgres`)
  for (const role of roles) await database.query(`DROP OWNED BY "${role}" CASCADE`)
  for (const role of roles) await database.query(`DROP ROLE "${role}"`)
  await database.drop()
})

/** A role that only this test knows. */
async function createRole(name: string, attributes = 'LOGIN'): Promise<string> {
  const role = `${name} ${randomBytes(3).toString('hex')}`
  await database.query(`CREATE ROLE "${role}" ${attributes} PASSWORD 'secret'`)
  roles.push(role)
  return role
}

const urlAs = (role: string) =>
  Object.assign(new URL(database.url), { username: encodeURIComponent(role), password: 'secret' }).href

const runnerAs = (role: string, schema = 'public', readers: readonly string[] = []) =>
  createMigrationRunner({ database: urlAs(role), migrations: folder.path, schema, readers })

async function failureAs(role: string, schema?: string): Promise<TidemarkError> {
  const error: unknown = await runnerAs(role, schema)
    .runMigrations()
    .then(
      () => undefined,
      (thrown) => thrown,
    )
  if (!(error instanceof TidemarkError)) throw error
  return error
}

describe('a runner that is no superuser', () => {
  test('owns what it needs, and applies, rolls back and reads in a schema of its own', async () => {
    const app = await createRole('app', 'LOGIN NOSUPERUSER NOCREATEROLE NOCREATEDB')
    await database.query(
      `CREATE SCHEMA tidemark AUTHORIZATION "${app}"; CREATE SCHEMA shop AUTHORIZATION "${app}"`,
    )
    await folder.write({
      '001_a':
        '-- @up\nCREATE TABLE shop.a (id int);\n-- @down\nDROP TABLE shop.a;\n-- @verify\nSELECT count(*) = 0 FROM shop.a;\n',
      '002_b':
        '-- Transaction: none\n-- @up\nCREATE INDEX CONCURRENTLY a_id ON shop.a (id);\n-- @down\nDROP INDEX CONCURRENTLY shop.a_id;\n',
    })
    const runner = runnerAs(app, 'tidemark')
    expect((await runner.runMigrations()).done).toEqual(['001_a', '002_b'])
    expect((await runner.runMigrations()).outcome).toBe('nothing_to_do')
    expect((await runner.rollBack()).done).toEqual(['002_b'])
    expect((await runner.createMigrationPlan()).steps.map(({ id }) => id)).toEqual(['002_b'])
  })

  test('without CREATE on the schema gets TM3005, and nothing is there', async () => {
    const app = await createRole('app')
    await database.query('REVOKE CREATE ON SCHEMA public FROM PUBLIC') // up to PostgreSQL 14 it is granted
    await folder.write({ '001_a': 'SELECT 1;' })
    expect(await failureAs(app)).toMatchObject({
      code: 'TM3005',
      details: { schema: 'public', sqlState: '42501' },
    })
    expect(await database.query("SELECT FROM pg_class WHERE relname = 'schema_migrations'")).toEqual([])
  })
})

test('42501 after a function changed the role names the statement that called it', async () => {
  const app = await createRole('app')
  const weak = await createRole('weak')
  await database.query(
    `CREATE SCHEMA tidemark AUTHORIZATION "${app}"; CREATE SCHEMA shop AUTHORIZATION "${app}"; GRANT "${weak}" TO "${app}"`,
  )
  const become = `CREATE FUNCTION shop.become() RETURNS void LANGUAGE plpgsql AS $$ BEGIN SET ROLE "${weak}"; END $$;`
  await folder.write({
    '001_a': `-- @up\n${become}\nGRANT USAGE ON SCHEMA shop TO "${weak}";\nCREATE TABLE shop.t (id int);\n`,
    '002_b': '-- Depends on: [001_a]\n-- @up\nSELECT shop.become();\nINSERT INTO shop.t VALUES (1);\n',
  })
  const { code, help } = await failureAs(app, 'tidemark')
  expect({ code, help }).toEqual({
    code: 'TM5004',
    help: `the migration runs as "${app}"; table "t" belongs to "${app}", and statement 1 calls a function that may have changed the role: write \`RESET ROLE;\` before this statement`,
  })
  await folder.write({
    '002_b':
      '-- Depends on: [001_a]\n-- @up\nSELECT shop.become();\nRESET ROLE;\nINSERT INTO shop.t VALUES (1);\n',
  })
  expect((await runnerAs(app, 'tidemark').runMigrations()).done).toEqual(['002_b'])
})

describe('a new database of PostgreSQL 15 or later, whose schema public belongs to pg_database_owner', () => {
  const setUp = async () => {
    const owner = await createRole('owner')
    const app = await createRole('app')
    await database.query(`ALTER SCHEMA public OWNER TO pg_database_owner; REVOKE CREATE ON SCHEMA public FROM PUBLIC;
      ALTER DATABASE "${database.name}" OWNER TO "${owner}"`)
    return { owner, app }
  }

  test('a role that does not own it gets an error that names the missing privilege, and each way out works', async () => {
    const { owner, app } = await setUp()
    await folder.write({ '001_a': 'CREATE TABLE a ();' })
    const refusal = await failureAs(app)
    expect(refusal).toMatchObject({
      code: 'TM3005',
      message: `"${app}" may not create tables in schema "public" (since PostgreSQL 15 only the owner of the database may)`,
      help: `as "${owner}": GRANT USAGE, CREATE ON SCHEMA "public" TO "${app}"; or GRANT CREATE ON DATABASE "${database.name}" TO "${app}" and run with --schema tidemark; or as a superuser: ALTER DATABASE "${database.name}" OWNER TO "${app}"`,
    })
    const [onSchema, onDatabase, changeOwner] = refusal.help?.match(/(?:GRANT|ALTER).*?(?=;| and |$)/g) ?? []
    const applies = async (statement: string | undefined, role: string, schema: string) => {
      await database.query(`BEGIN; SET LOCAL ROLE "${role}"; ${statement}; COMMIT`)
      expect((await runnerAs(app, schema).runMigrations()).done).toEqual(['001_a'])
      await database.query(
        `DROP OWNED BY "${app}" CASCADE; REVOKE ALL ON SCHEMA public FROM "${app}"; REVOKE ALL ON DATABASE "${database.name}" FROM "${app}"`,
      )
    }
    await folder.write({ '001_a': 'SELECT 1;' })
    await applies(onDatabase, owner, 'tidemark')
    await folder.write({ '001_a': 'CREATE TABLE a ();' })
    await applies(onSchema, owner, 'public')
    await applies(changeOwner, 'postgres', 'public')
  })

  test('a schema that does not exist is the owner of the database to create', async () => {
    const { owner, app } = await setUp()
    await folder.write({ '001_a': 'SELECT 1;' })
    expect(await failureAs(app, 'Tide mark')).toMatchObject({
      code: 'TM3005',
      message: `"${app}" may not create the schema "Tide mark" in database "${database.name}"`,
      help: `as "${owner}": GRANT CREATE ON DATABASE "${database.name}" TO "${app}"; or as a superuser: ALTER DATABASE "${database.name}" OWNER TO "${app}"`,
    })
  })

  test('a migration that may not create in public names the owner of the database', async () => {
    const { owner, app } = await setUp()
    await database.query(`CREATE SCHEMA tidemark AUTHORIZATION "${app}"`)
    await folder.write({ '001_a': 'CREATE TABLE a ();' })
    expect((await failureAs(app, 'tidemark')).help).toBe(
      `the migration runs as "${app}"; schema "public" belongs to the owner of the database, "${owner}", of which "${app}" is not a member: let "${owner}" grant it the privilege: GRANT USAGE, CREATE ON SCHEMA "public" TO "${app}", or as a superuser ALTER DATABASE "${database.name}" OWNER TO "${app}"`,
    )
  })
})

describe('a NOINHERIT member of the owner, with "Role:"', () => {
  const setUp = async () => {
    const owner = await createRole('owner', 'NOLOGIN')
    const app = await createRole('app', 'LOGIN NOINHERIT')
    await database.query(
      `GRANT "${owner}" TO "${app}"; CREATE SCHEMA shop AUTHORIZATION "${owner}"; CREATE SCHEMA tidemark AUTHORIZATION "${app}"`,
    )
    return { owner, app }
  }

  test('I4: what a migration creates belongs to the owner, the records to the runner, and the next one starts as itself', async () => {
    const { owner, app } = await setUp()
    await folder.write({
      '001_a': `-- Role: ${owner}\n-- @up\nCREATE TABLE shop.a (id int);\n`,
      '002_b': `-- Role: ${owner}\n-- Transaction: none\n-- @up\nCREATE INDEX CONCURRENTLY a_id ON shop.a (id);\n`,
      '003_c': `-- @up\nCREATE TABLE tidemark.who AS SELECT current_user::text AS name;\n`,
    })
    const { done } = await runnerAs(app, 'tidemark').runMigrations()
    expect([...done].sort(compareIds)).toEqual(['001_a', '002_b', '003_c'])
    expect(
      await database.query(
        "SELECT relname::text, pg_get_userbyid(relowner)::text AS owner FROM pg_class WHERE relname IN ('a', 'a_id', 'who', 'schema_migrations') ORDER BY relname",
      ),
    ).toEqual([
      { relname: 'a', owner },
      { relname: 'a_id', owner },
      { relname: 'schema_migrations', owner: app },
      { relname: 'who', owner: app },
    ])
    expect(await database.query('SELECT name FROM tidemark.who')).toEqual([{ name: app }])
  })

  test('without "Role:" 42501 names the role, the owner, the membership and the header to write', async () => {
    const { owner, app } = await setUp()
    await database.query(
      `GRANT USAGE ON SCHEMA shop TO "${app}"; CREATE TABLE shop.a (id int); ALTER TABLE shop.a OWNER TO "${owner}"`,
    )
    await folder.write({ '001_a': 'ALTER TABLE shop.a ADD b int;' })
    expect(await failureAs(app, 'tidemark')).toMatchObject({
      code: 'TM5004',
      message: '"001_a" statement 1 of 1: must be owner of table a',
      help: `the migration runs as "${app}"; table "a" belongs to "${owner}", of which "${app}" is a member without inheriting: write "-- Role: ${owner}" in the header`,
      details: { sqlState: '42501' },
    })
  })

  test('a role that the runner may not become is named with the GRANT', async () => {
    const { app } = await setUp()
    const other = await createRole('other', 'NOLOGIN')
    await folder.write({ '001_a': `-- Role: ${other}\n-- @up\nSELECT 1;\n` })
    expect(await failureAs(app, 'tidemark')).toMatchObject({
      code: 'TM5004',
      help: `the connection is "${app}", which is not a member of "${other}": GRANT "${other}" TO "${app}" (from PostgreSQL 16 on WITH SET TRUE)`,
    })
  })
})

describe('42501', () => {
  test.each([
    ['ALTER TABLE shop.a ADD b int', 'table', 'a'],
    ['SELECT * FROM shop.v', 'view', 'v'],
    ['SELECT nextval($$shop.s$$)', 'sequence', 's'],
    ['SELECT shop.f()', 'function', 'f'],
    ['CREATE TABLE other.x (a int)', 'schema', 'other'],
    ['DROP TYPE shop.t', 'type', 't'],
  ])('%s: names the owner of the %s, of which the runner is no member', async (statement, kind, name) => {
    const owner = await createRole('owner', 'NOLOGIN')
    const app = await createRole('app')
    await database.query(`CREATE SCHEMA tidemark AUTHORIZATION "${app}"; CREATE SCHEMA shop AUTHORIZATION "${owner}"; CREATE SCHEMA other AUTHORIZATION "${owner}"; GRANT USAGE ON SCHEMA shop TO "${app}";
      SET ROLE "${owner}"; CREATE TABLE shop.a (id int); CREATE VIEW shop.v AS SELECT 1 AS one; CREATE SEQUENCE shop.s; CREATE TYPE shop.t AS (a int);
      CREATE FUNCTION shop.f() RETURNS int LANGUAGE sql AS 'SELECT 1'; REVOKE ALL ON FUNCTION shop.f() FROM PUBLIC`)
    await folder.write({ '001_a': `${statement};` })
    expect((await failureAs(app, 'tidemark')).help).toBe(
      `the migration runs as "${app}"; ${kind} "${name}" belongs to "${owner}", of which "${app}" is not a member: connect as "${owner}", GRANT "${owner}" TO "${app}", or grant it the privilege itself${kind === 'schema' ? `: GRANT USAGE, CREATE ON SCHEMA "other" TO "${app}"` : ''}`,
    )
  })

  test('without an object it says who runs', async () => {
    const app = await createRole('app')
    await database.query(`CREATE SCHEMA tidemark AUTHORIZATION "${app}"`)
    await folder.write({ '001_a': 'CREATE ROLE nobody_may;' })
    expect((await failureAs(app, 'tidemark')).help).toBe(
      `the migration runs as "${app}": grant it the privilege, or name another role with "-- Role: …" in the header`,
    )
  })
})

describe('a role that may only SELECT', () => {
  test('I9: plans, and reads status and history, and may not migrate', async () => {
    const reader = await createRole('reader')
    await folder.write({ '001_a': 'SELECT 1;', '002_b': 'SELECT 2;' })
    const owner = createMigrationRunner({
      database: database.url,
      migrations: folder.path,
      readers: [reader],
    })
    await owner.runMigrations({ target: '001_a' })
    const runner = runnerAs(reader)
    expect((await runner.createMigrationPlan()).steps.map(({ id }) => id)).toEqual(['002_b'])
    expect([...(await runner.status()).states].map(([id, { kind }]) => `${id} ${kind}`)).toEqual([
      '001_a applied',
      '002_b pending',
    ])
    const session = await createServerDatabase({ database: urlAs(reader) }).openReader()
    expect((await session.store.listAttempts({})).map(({ migrationId }) => migrationId)).toEqual(['001_a'])
    await session.close()
    expect(await failureAs(reader)).toMatchObject({ code: 'TM3005' })
  })

  test('a role without SELECT gets TM3005 with the GRANT it needs', async () => {
    const stranger = await createRole('stranger')
    await folder.write({ '001_a': 'SELECT 1;' })
    await createMigrationRunner({ database: database.url, migrations: folder.path }).runMigrations()
    await expect(runnerAs(stranger).createMigrationPlan()).rejects.toMatchObject({
      code: 'TM3005',
      help: 'connect as the owner of the tables to migrate; to read, name the role in "readers" and run "tidemark up" as the owner',
    })
  })
})
