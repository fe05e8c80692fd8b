import { afterEach, describe, expect, test } from 'vitest'
import { checkReversibility, type Shadow } from '../../src/index.ts'
import { pglite, useServer } from '../support/engines.ts'
import { migrationOf } from '../support/migrations.ts'

interface Way {
  readonly up: string
  readonly down: string
  readonly transaction?: 'none'
}

describe.each([useServer(), pglite])('on $name', ({ open, name }) => {
  let shadow: Shadow | undefined
  afterEach(() => shadow?.close())

  /** Makes a base, from which a migration goes up and down with rows: gives its class, and what became of rows. */
  const startFrom = async (base: string) => {
    const opened = await open([migrationOf('001_base', { up: base })])
    shadow = opened
    return async (way: Way) => {
      const next = migrationOf('002_next', { dependsOn: ['001_base'], ...way })
      const { verdict, rows } = await checkReversibility(opened, next)
      if (rows === null) throw new TypeError('rows were not tried')
      return { verdict, rows }
    }
  }

  test('temporary tables that are named like the catalog of the server do not hide it', async () => {
    const goWith = await startFrom('CREATE TABLE users (id serial PRIMARY KEY, name text);')
    const gone = await goWith({
      up: 'CREATE TEMP TABLE pg_class (a int); CREATE TEMP TABLE pg_attribute (a int); ALTER TABLE users DROP COLUMN name;',
      down: 'ALTER TABLE users ADD COLUMN name text; DROP TABLE pg_temp.pg_class, pg_temp.pg_attribute;',
    })
    expect(gone).toMatchObject({ verdict: 'loses_data', rows: { lost: [{ columns: ['name'] }] } })
  })

  test('rows that a down does not bring back are a class of their own', async () => {
    const base = `CREATE TABLE users (id serial PRIMARY KEY, name text NOT NULL DEFAULT '', born date);
CREATE TABLE notes (user_id int NOT NULL REFERENCES users ON DELETE CASCADE, note text);`
    const goWith = await startFrom(base)
    const column = await goWith({
      up: 'ALTER TABLE users DROP COLUMN name;',
      down: `ALTER TABLE users ADD COLUMN name text NOT NULL DEFAULT '';`,
    })
    expect(column).toMatchObject({
      verdict: 'loses_data',
      rows: { verdict: 'lost', lost: [{ table: 'public.users', rows: 0, of: 2, columns: ['name'] }] },
    })
    const table = await goWith({
      up: 'DROP TABLE notes;',
      down: 'CREATE TABLE notes (user_id int NOT NULL REFERENCES users ON DELETE CASCADE, note text);',
    })
    expect(table.rows.lost).toEqual([{ table: 'public.notes', rows: 2, of: 2, columns: [] }])
    const cascade = await goWith({ up: 'DELETE FROM users;', down: 'SELECT 1;' })
    expect(cascade.rows.lost.map((one) => one.table)).toEqual(['public.notes', 'public.users'])
    const kept = await goWith({
      up: 'ALTER TABLE users RENAME COLUMN name TO label; ALTER TABLE users ALTER born TYPE timestamp;',
      down: 'ALTER TABLE users RENAME COLUMN label TO name; ALTER TABLE users ALTER born TYPE date;',
    })
    expect(kept).toMatchObject({ verdict: 'exact', rows: { verdict: 'kept', unseeded: [] } })
    expect(kept.rows.seeded).toEqual(['public.users'])
  })

  test('rows of the tables that the up makes, and rows that it adds, do not count', async () => {
    const base = `CREATE TABLE users (id serial PRIMARY KEY, name text);`
    const goWith = await startFrom(base)
    const made = await goWith({
      up: `CREATE TABLE t (id int); INSERT INTO t VALUES (1); INSERT INTO users (id, name) VALUES (1, 'admin');
INSERT INTO users (name) VALUES ('by a sequence');`,
      down: 'DROP TABLE t; DELETE FROM users WHERE id = 1;',
    })
    expect(made.rows).toMatchObject({ verdict: 'kept', lost: [], failure: null })
  })

  test('a down that fails only with rows fails', async () => {
    const base = `CREATE TABLE users (id int PRIMARY KEY, name text NOT NULL, age text);`
    const goWith = await startFrom(base)
    const anyRow = await goWith({
      up: 'ALTER TABLE users DROP COLUMN name;',
      down: 'ALTER TABLE users ADD COLUMN name text NOT NULL;',
    })
    expect(anyRow).toMatchObject({
      verdict: 'down_fails',
      rows: { verdict: 'down_fails', failsOnAnyRow: true, failure: { section: 'down', sqlState: '23502' } },
    })
    const given = await goWith({
      up: 'ALTER TABLE users ALTER name DROP NOT NULL; UPDATE users SET name = NULL;',
      down: 'ALTER TABLE users ALTER name SET NOT NULL;',
    })
    expect(given).toMatchObject({ verdict: 'down_fails', rows: { failsOnAnyRow: false } })
  })

  test('a cast that some texts satisfy is tried with them, and what needs other data is said', async () => {
    const base = `CREATE TYPE mood AS ENUM ('sad', 'ok'); CREATE TABLE t (a text, b text, c text);`
    const goWith = await startFrom(base)
    for (const type of ['int', 'jsonb', 'uuid', 'timestamptz']) {
      const cast = await goWith({
        up: `ALTER TABLE t ALTER a TYPE ${type} USING a::${type};`,
        down: 'ALTER TABLE t ALTER a TYPE text;',
      })
      expect(cast.rows.failure).toMatchObject({ section: 'up' })
      expect(['kept', 'lost']).toContain(cast.rows.verdict)
    }
    const other = await goWith({
      up: 'ALTER TABLE t ALTER a TYPE mood USING a::mood;',
      down: 'ALTER TABLE t ALTER a TYPE text;',
    })
    expect(other).toMatchObject({ verdict: 'exact', rows: { verdict: 'up_fails', failsOnAnyRow: false } })
    const required = await goWith({
      up: 'ALTER TABLE t ADD COLUMN "New" int NOT NULL;',
      down: 'ALTER TABLE t DROP COLUMN "New";',
    })
    expect(required).toMatchObject({ verdict: 'exact', rows: { verdict: 'up_fails', failsOnAnyRow: true } })
  })

  test('rows are made for tables with constraints of every kind', async () => {
    const base = `
CREATE EXTENSION IF NOT EXISTS plpgsql;
CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE TYPE pair AS (a int, b text);
CREATE DOMAIN short AS varchar(4) CHECK (VALUE ~ '^[a-z]+$');
CREATE DOMAIN few AS int[] CHECK (array_length(VALUE, 1) <= 2);
CREATE DOMAIN mail AS text NOT NULL CHECK (VALUE LIKE '%@%');
CREATE FUNCTION is_even(int) RETURNS bool IMMUTABLE LANGUAGE sql AS 'SELECT $1 % 2 = 0';
CREATE TABLE everything (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, s smallint UNIQUE NOT NULL, d numeric(3,2) NOT NULL, m mood NOT NULL,
  p pair NOT NULL, w short NOT NULL, f few NOT NULL, e mail, r int4range NOT NULL, mr datemultirange, b bytea NOT NULL,
  j jsonb NOT NULL, u uuid NOT NULL, t timestamptz NOT NULL, i inet NOT NULL, bits bit(5) NOT NULL, c char(2) NOT NULL,
  arr text[] NOT NULL, moods mood[] NOT NULL, iv interval NOT NULL, ts tsvector NOT NULL, pt point NOT NULL, x xml,
  total numeric GENERATED ALWAYS AS (d * 2) STORED);
CREATE TABLE checks (id int PRIMARY KEY, even int NOT NULL CHECK (is_even(even)), code text NOT NULL CHECK (length(code) = 7),
  kind text NOT NULL CHECK (kind IN ('left', 'right')), l int, r int, low int NOT NULL CHECK (low > 500), high int NOT NULL, CHECK (high > low),
  CHECK ((kind = 'left' AND l IS NOT NULL AND r IS NULL) OR (kind = 'right' AND r IS NOT NULL AND l IS NULL)));
CREATE TABLE tree (id int PRIMARY KEY, parent int NOT NULL REFERENCES tree);
CREATE TABLE a (id int PRIMARY KEY, b int);
CREATE TABLE b (id int PRIMARY KEY, a int NOT NULL REFERENCES a);
ALTER TABLE a ADD FOREIGN KEY (b) REFERENCES b;
CREATE TABLE c (id int PRIMARY KEY, d int NOT NULL);
CREATE TABLE d (id int PRIMARY KEY, c int NOT NULL REFERENCES c DEFERRABLE);
ALTER TABLE c ADD FOREIGN KEY (d) REFERENCES d DEFERRABLE INITIALLY DEFERRED;
CREATE TABLE tenants (id uuid PRIMARY KEY);
CREATE TABLE members (tenant uuid REFERENCES tenants, no int, PRIMARY KEY (tenant, no));
CREATE TABLE posts (tenant uuid NOT NULL REFERENCES tenants, author int NOT NULL, id int, PRIMARY KEY (tenant, id),
  FOREIGN KEY (tenant, author) REFERENCES members);
CREATE TABLE one_to_one (tenant uuid PRIMARY KEY REFERENCES tenants, x "char");
CREATE TABLE booked (during tsrange NOT NULL, EXCLUDE USING gist (during WITH &&));
CREATE TABLE by_list (k text NOT NULL, v int, PRIMARY KEY (k, v)) PARTITION BY LIST (k);
CREATE TABLE by_list_eu PARTITION OF by_list FOR VALUES IN ('eu', 'uk');
CREATE TABLE by_range (at date NOT NULL, n int) PARTITION BY RANGE (at);
CREATE TABLE by_range_1 PARTITION OF by_range FOR VALUES FROM ('2011-01-01') TO ('2012-01-01') PARTITION BY LIST (n);
CREATE TABLE by_range_1_7 PARTITION OF by_range_1 FOR VALUES IN (77);
CREATE TABLE by_hash (id int) PARTITION BY HASH (id);
CREATE TABLE by_hash_0 PARTITION OF by_hash FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE by_hash_1 PARTITION OF by_hash FOR VALUES WITH (MODULUS 2, REMAINDER 1);
CREATE TABLE with_default (k text) PARTITION BY LIST (k);
CREATE TABLE with_default_rest PARTITION OF with_default DEFAULT;
CREATE TABLE "Odd ""name""" ("Select" int, "a b" text);
CREATE TABLE empty ();
CREATE TABLE single (one bool PRIMARY KEY DEFAULT true CHECK (one));
CREATE TABLE lower_mail (mail text);
CREATE UNIQUE INDEX ON lower_mail (lower(mail));
CREATE TABLE secret (id int PRIMARY KEY, owner text);
ALTER TABLE secret ENABLE ROW LEVEL SECURITY;
ALTER TABLE secret FORCE ROW LEVEL SECURITY;
CREATE TABLE parent (id int); CREATE TABLE child (more text) INHERITS (parent);
`
    const goWith = await startFrom(base)
    const tables = [
      ...['everything', 'checks', 'tree', 'a', 'b', 'c', 'd', 'tenants', 'members', 'posts', 'one_to_one'],
      ...['booked', 'by_list', 'by_range', 'by_hash', 'with_default', '"Odd ""name"""', 'empty', 'single'],
      ...['lower_mail', 'secret', 'parent', 'child'],
    ]
    const { verdict, rows } = await goWith({
      up: tables.map((table) => `LOCK TABLE ${table};`).join('\n'),
      down: 'SELECT 1;',
    })
    expect(rows.unseeded).toEqual([])
    expect([...rows.seeded].sort()).toEqual(tables.map((table) => `public.${table}`).sort())
    expect({ verdict, rows: rows.verdict }).toEqual({ verdict: 'exact', rows: 'kept' })
  })

  test('what could not be seeded is said, with the reason', async () => {
    const base = `
CREATE TABLE never (id int CHECK (false));
CREATE TABLE refused (id int);
CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'this table is closed'; END $$;
CREATE TRIGGER no BEFORE INSERT ON refused FOR EACH ROW EXECUTE FUNCTION no();
CREATE TABLE silent (id int);
CREATE FUNCTION skip() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
CREATE TRIGGER skip BEFORE INSERT ON silent FOR EACH ROW EXECUTE FUNCTION skip();
CREATE TABLE nowhere (id int) PARTITION BY LIST (id);
CREATE TABLE below (id int NOT NULL, r int);
ALTER TABLE never ADD PRIMARY KEY (id);
ALTER TABLE below ADD FOREIGN KEY (id) REFERENCES never;`
    const goWith = await startFrom(base)
    const { rows } = await goWith({
      up: 'LOCK TABLE refused, silent, nowhere, below;',
      down: 'SELECT 1;',
    })
    expect(rows.unseeded).toEqual([
      { table: 'public.below', why: expect.stringContaining('foreign key') },
      { table: 'public.nowhere', why: expect.stringContaining('no partition') },
      { table: 'public.refused', why: 'this table is closed' },
      { table: 'public.silent', why: 'a trigger or a rule keeps rows out' },
    ])
    expect(rows).toMatchObject({ verdict: 'kept', seeded: [] })
  })

  test('a migration without a transaction is tried with rows, committed', async () => {
    const base = 'CREATE TABLE t (id int PRIMARY KEY, name text);'
    const goWith = await startFrom(base)
    const lossy = await goWith({
      transaction: 'none',
      up: 'CREATE INDEX CONCURRENTLY i ON t (name); UPDATE t SET name = lower(name);',
      down: 'DROP INDEX CONCURRENTLY i;',
    })
    expect(lossy).toMatchObject({ verdict: 'loses_data', rows: { lost: [{ columns: ['name'] }] } })
  })

  test.runIf(name === 'PGlite')('rows of tables of extensions are left alone', async () => {
    const goWith = await startFrom(
      'CREATE EXTENSION IF NOT EXISTS citext; CREATE TABLE t (mail citext PRIMARY KEY);',
    )
    const { rows } = await goWith({
      up: 'ALTER TABLE t ADD COLUMN x int;',
      down: 'ALTER TABLE t DROP COLUMN x;',
    })
    expect(rows).toMatchObject({ verdict: 'kept', seeded: ['public.t'], unseeded: [] })
  })
})
