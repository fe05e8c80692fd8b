import { afterEach, describe, expect, test } from 'vitest'
import type { EngineSettings } from '../../src/options/engine-settings.ts'
import { createHarness, type Files, type Harness, type SuiteEngine } from './engine-harness.ts'

/** The settings of one tenant: all of it in a schema of its own. */
function tenant(name: string, settings: Partial<EngineSettings> = {}): Partial<EngineSettings> {
  return { schema: name, searchPath: [name, 'public'], createSchema: true, ...settings }
}

const none = (up: string, down = 'SELECT 1;') => `-- Transaction: none\n-- @up\n${up}\n-- @down\n${down}\n`

/** What a tenant has: one object of every kind that has a name. */
const KINDS = `-- @up
CREATE TYPE state AS ENUM ('new', 'paid');
CREATE DOMAIN cents AS bigint CHECK (VALUE >= 0);
CREATE SEQUENCE numbers START 100;
CREATE FUNCTION next_number() RETURNS bigint LANGUAGE sql AS 'SELECT nextval(''numbers'')';
CREATE TABLE orders (id bigint PRIMARY KEY DEFAULT next_number(), state state NOT NULL DEFAULT 'new', total cents);
CREATE VIEW paid AS SELECT * FROM orders WHERE state = 'paid';
INSERT INTO orders (total) VALUES (1), (2);
-- @verify
SELECT count(*) = 2 FROM orders;
-- @down
DROP VIEW paid;
DROP TABLE orders;
DROP FUNCTION next_number();
DROP SEQUENCE numbers;
DROP DOMAIN cents;
DROP TYPE state;
`

const OBJECTS = ['next_number', 'numbers', 'orders', 'orders_pkey', 'paid', 'cents', 'state'].sort()

/** Names without the tracking tables and what belongs to tables. */
const LIST = (schema: string) => `
  SELECT name FROM (
    SELECT relname::text AS name, relnamespace AS namespace FROM pg_class WHERE relkind <> 'c'
    UNION SELECT typname::text, typnamespace FROM pg_type WHERE typtype IN ('d', 'e')
    UNION SELECT proname::text, pronamespace FROM pg_proc
  ) named JOIN pg_namespace n ON n.oid = named.namespace
  WHERE n.nspname = '${schema}' AND name !~ '^(schema_migrations|migration_|database_schema)' ORDER BY name COLLATE "C"`

/** What sets the search_path back to what the session began with. */
const RESETS = ['RESET search_path;', 'RESET ALL;', 'SET search_path TO DEFAULT;']

/**
 * One folder for many schemas of one database, on every engine. `resets`: whether a session begins with the
 * search path, so that what sets it back goes there.
 */
export function describeTenants(engine: SuiteEngine, resets: 'kept' | 'refused'): void {
  describe(`tenants on ${engine.name}`, () => {
    let harness: Harness | undefined
    const start = async (files: Files): Promise<Harness> => {
      harness = createHarness(await engine.create(), files)
      return harness
    }
    afterEach(async () => {
      await harness?.database.drop()
      harness = undefined
    })
    const named = async (h: Harness, schema: string) =>
      (await h.database.query<{ name: string }>(LIST(schema))).map(({ name }) => name)
    const one = async (h: Harness, sql: string) => Object.values((await h.database.query(sql))[0] ?? {})[0]

    test('each has objects of its own of every kind, and public has none', async () => {
      const h = await start({ '001_kinds': KINDS })
      for (const name of ['tenant_a', 'tenant_b'])
        expect((await h.up(tenant(name))).done).toEqual(['001_kinds'])
      expect(await named(h, 'tenant_a')).toEqual(OBJECTS)
      expect(await named(h, 'tenant_b')).toEqual(OBJECTS)
      expect(await named(h, 'public')).toEqual([])
      for (const name of ['tenant_a', 'tenant_b']) {
        expect(await one(h, `SELECT max(id)::int FROM ${name}.orders`)).toBe(101)
      }
      expect((await h.up(tenant('tenant_a'))).outcome).toBe('nothing_to_do')
    })

    test('a rollback, a redo and a verify of one leave the other alone', async () => {
      const h = await start({ '001_kinds': KINDS })
      for (const name of ['tenant_a', 'tenant_b']) await h.up(tenant(name))
      await h.database.query('DELETE FROM tenant_b.orders')
      const verify = async (name: string) => {
        const { outcomes } = await h.runner(tenant(name)).verify()
        return outcomes.map(({ kind }) => kind)
      }
      expect([await verify('tenant_a'), await verify('tenant_b')]).toEqual([['held'], ['failed']])
      await h.runner(tenant('tenant_b')).rollBack({ request: { kind: 'steps', count: 1 } })
      expect([await named(h, 'tenant_a'), await named(h, 'tenant_b')]).toEqual([OBJECTS, []])
      await h.up(tenant('tenant_b'))
      await h.runner(tenant('tenant_a')).rollBack({ request: { kind: 'steps', count: 1 } })
      expect([await named(h, 'tenant_a'), await named(h, 'tenant_b')]).toEqual([[], OBJECTS])
    })

    test('a value that is added to an enum is added to that of the tenant', async () => {
      const h = await start({
        '001_kinds': KINDS,
        '002_value': none("ALTER TYPE state ADD VALUE 'sent';"),
        '003_value': "ALTER TYPE state ADD VALUE 'lost';",
      })
      await h.up(tenant('tenant_b'), { target: '001_kinds' })
      await h.up(tenant('tenant_a'))
      const values = (name: string) => one(h, `SELECT enum_range(NULL::${name}.state)::text`)
      expect(await values('tenant_a')).toBe('{new,paid,sent,lost}')
      expect(await values('tenant_b')).toBe('{new,paid}')
    })

    test.each([
      ['SET search_path = public, tenant_b;'],
      ["SELECT set_config('search_path', 'tenant_b', false);"],
      ['SET LOCAL search_path = tenant_b;'],
      ...(resets === 'kept' ? RESETS.map((statement) => [statement]) : []),
      ["SET SCHEMA 'tenant_b';"],
      ["DO $$ BEGIN PERFORM set_config('search_path', 'tenant_b', false); END $$;"],
    ])('the file after one with %s is in the tenant again', async (statement) => {
      const h = await start({
        '001_first': 'CREATE TABLE first ();',
        '002_leaves': `-- @up\n${statement}\n-- @down\n${statement}\n`,
        '003_after': '-- @up\nCREATE TABLE after ();\n-- @down\nDROP TABLE after;\n',
        '004_leaves': none(statement.replace('LOCAL ', ''), statement.replace('LOCAL ', '')),
        '005_after': none('CREATE TABLE last ();', 'DROP TABLE last;'),
      })
      await h.database.query('CREATE SCHEMA tenant_b')
      await h.up(tenant('tenant_a'))
      expect(await named(h, 'tenant_a')).toEqual(['after', 'first', 'last'])
      await h.runner(tenant('tenant_a')).rollBack({ request: { kind: 'steps', count: 4 } })
      expect(await named(h, 'tenant_a')).toEqual(['first'])
      expect([await named(h, 'tenant_b'), await named(h, 'public')]).toEqual([[], []])
    })

    test.each(RESETS)(
      'after %s in a file its own statements are in the tenant, or nowhere',
      async (statement) => {
        const h = await start({
          '001_a': `SET search_path = public; ${statement} CREATE TABLE a ();`,
          '002_b': none(`SET search_path = public;\n${statement}\nCREATE TABLE b ();`),
        })
        if (resets === 'kept') await h.up(tenant('tenant_a'))
        else expect(await h.fail(tenant('tenant_a'))).toMatchObject({ code: 'TM7042' })
        expect(await named(h, 'tenant_a')).toEqual(resets === 'kept' ? ['a', 'b'] : [])
        expect(await named(h, 'public')).toEqual([])
      },
    )

    test('names may be anything that a schema may be called', async () => {
      for (const name of ['Tenant-1', 'a,b', 'x"; DROP SCHEMA public --', "o'r\\", 'ä €', 'select', '0']) {
        const h = await start({ '001_a': 'CREATE TABLE a ();', '002_b': none('CREATE TABLE b ();') })
        await h.up(tenant(name))
        const found = await h.database.query<{ at: string }>(
          `SELECT nspname::text AS at FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE relname IN ('a', 'b')`,
        )
        expect(found).toEqual([{ at: name }, { at: name }])
        await h.database.drop()
      }
      harness = undefined
    })

    test('a missing schema is one error, and nothing was done', async () => {
      const h = await start({ '001_a': 'CREATE TABLE a ();' })
      await h.database.query('CREATE SCHEMA tenant_a')
      const missing = async (settings: Partial<EngineSettings>) => {
        const { code, message, help } = await h.fail(settings)
        const read = await h
          .runner(settings)
          .status()
          .catch(({ code: same }: { code: string }) => same)
        expect([code, read]).toEqual(['TM7041', 'TM7041'])
        return `${message.replace(/ in database ".*"$/, '')} | ${help}`
      }
      const flag = 'run `tidemark up --create-schema` (createSchema)'
      expect(await missing(tenant('tenant_c', { createSchema: false }))).toBe(
        `the schema "tenant_c" of the search path does not exist | correct the name, or create it: ${flag}`,
      )
      expect(await missing(tenant('tenant_a', { schema: 'tracking', createSchema: false }))).toBe(
        `the schema "tracking" of the tracking tables does not exist | correct the name, or create it: ${flag}`,
      )
      expect(await missing(tenant('tenant_a', { searchPath: ['tenant_a', 'shraed'] }))).toBe(
        'the schema "shraed" of the search path does not exist | correct the name, or create it: CREATE SCHEMA "shraed"',
      )
      expect(
        await missing(
          tenant('tenant_c', { searchPath: ['tenant_c', 'shraed', 'public'], createSchema: false }),
        ),
      ).toBe(
        'the schemas "tenant_c" and "shraed" of the search path do not exist | correct the name, or create them: CREATE SCHEMA "tenant_c"; CREATE SCHEMA "shraed"',
      )
      expect(await named(h, 'public')).toEqual([])
      expect(
        await one(h, "SELECT count(*)::int FROM pg_namespace WHERE nspname ~ '^(tenant_c|tracking|shr)'"),
      ).toBe(0)
    })

    test('special names need no schema', async () => {
      const h = await start({ '001_a': 'CREATE TABLE a ();' })
      await h.up({ searchPath: ['$user', 'public', 'pg_catalog', 'pg_temp'] })
      expect(await named(h, 'public')).toEqual(['a'])
    })

    test('a plan of a tenant whose schema a run would create shows everything as pending', async () => {
      const h = await start({ '001_a': 'CREATE TABLE a ();' })
      expect((await h.runner(tenant('tenant_a')).status()).pending).toEqual(['001_a'])
      expect(await one(h, "SELECT count(*)::int FROM pg_namespace WHERE nspname = 'tenant_a'")).toBe(0)
    })
  })
}
