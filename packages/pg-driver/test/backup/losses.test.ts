import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { TidemarkError } from '@tidemark/core'
import { createTestDatabase, sharedServerUrl, type TestDatabase } from '@tidemark/test-servers'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { createMigrationRunner, createServerBackups } from '../../src/index.ts'
import { createMigrationFolder, type MigrationFolder } from '../support/migration-files.ts'

let made: TestDatabase
let database = ''
let folder: MigrationFolder
let backups = ''

const major = await readMajor()
/** A server has roles for all its databases. */
const ADMIN = `losses_admin_${process.pid}`
const READER = `losses_reader_${process.pid}`

beforeAll(() => query(sharedServerUrl(), `CREATE ROLE ${ADMIN}; CREATE ROLE ${READER}`))
afterAll(() => query(sharedServerUrl(), `DROP ROLE ${ADMIN}; DROP ROLE ${READER}`))
beforeEach(async () => {
  made = await createTestDatabase()
  database = made.url
  backups = await mkdtemp(join(tmpdir(), 'tidemark-losses-'))
})
afterEach(async () => {
  await folder.drop()
  await made.drop()
  await rm(backups, { recursive: true, force: true })
})

const run = { runId: '00000000-0000-4000-8000-000000000001', executedBy: 'ada@laptop', toolVersion: '1' }
const restorer = () => createServerBackups({ database, backups }).restorer
const runner = () =>
  createMigrationRunner({ database, migrations: folder.path, backup: 'destructive', backups })

interface Case {
  /** The first major of PostgreSQL that has it. */
  readonly since?: number
  /** What is there, with its rows. */
  readonly made: string
  readonly destroys: string
  readonly header?: string
  /** What is read before and after. */
  readonly rows: string
  /** What is read after the restore, where it has another name. */
  readonly rowsAfter?: string
  /** How restoring is refused, where other rows, columns or types are there now; default: it is not. */
  readonly refused?: 'TM6007' | 'TM5041'
  /** Tables that are saved, and rows in them. */
  readonly saved: readonly [tables: readonly string[], rows: number]
}

const USERS =
  "CREATE TABLE users (id int PRIMARY KEY, name text); INSERT INTO users VALUES (1, 'Ada'), (2, 'Bob');"
const CHILDREN =
  "CREATE TABLE parent (id int PRIMARY KEY); CREATE TABLE child (id int PRIMARY KEY, parent int REFERENCES parent ON DELETE CASCADE, t text); CREATE TABLE grandchild (child int REFERENCES child ON DELETE CASCADE); INSERT INTO parent VALUES (1), (2); INSERT INTO child VALUES (1, 1, 'a'), (2, 2, NULL); INSERT INTO grandchild VALUES (1), (2), (2);"
const CHILD_ROWS =
  "SELECT 'p' || id AS r FROM parent UNION ALL SELECT 'c' || id FROM child UNION ALL SELECT 'g' || child FROM grandchild"
const ALL_CHILDREN = ['public.child', 'public.grandchild', 'public.parent']

const CASES: Readonly<Record<string, Case>> = {
  'a rename and a drop': {
    made: USERS,
    destroys: 'ALTER TABLE users RENAME TO old; DROP TABLE old;',
    rows: 'SELECT * FROM users',
    rowsAfter: 'SELECT * FROM old',
    saved: [['public.old'], 2],
  },
  'two tables that change names, and a drop': {
    made: `${USERS} CREATE TABLE users_new (id int); INSERT INTO users_new VALUES (9);`,
    destroys:
      'ALTER TABLE users RENAME TO users_old; ALTER TABLE users_new RENAME TO users; DROP TABLE users_old;',
    rows: 'SELECT * FROM users',
    rowsAfter: 'SELECT * FROM users_old',
    saved: [['public.users_old'], 2],
  },
  'SET SCHEMA and a drop': {
    made: `${USERS} CREATE SCHEMA attic;`,
    destroys: 'ALTER TABLE users SET SCHEMA attic; DROP TABLE attic.users;',
    rows: 'SELECT * FROM users',
    rowsAfter: 'SELECT * FROM attic.users',
    saved: [['attic.users'], 2],
  },
  'ALTER SCHEMA RENAME and DROP CASCADE': {
    made: "CREATE SCHEMA app; CREATE TYPE app.mood AS ENUM ('sad', 'ok'); CREATE FUNCTION app.twice(int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT $1 * 2'; CREATE TABLE app.users (id serial PRIMARY KEY, mood app.mood DEFAULT 'ok', double int GENERATED ALWAYS AS (app.twice(3)) STORED); INSERT INTO app.users (mood) VALUES ('sad'), (DEFAULT);",
    destroys: 'ALTER SCHEMA app RENAME TO gone; DROP SCHEMA gone CASCADE;',
    rows: 'SELECT id, mood::text, double FROM app.users',
    rowsAfter: 'SELECT id, mood::text, double FROM gone.users',
    saved: [['gone.users'], 2],
  },
  'a schema that is dropped whole': {
    made: "CREATE SCHEMA app; CREATE TABLE app.a (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, t text CHECK (t <> '')); CREATE TABLE app.b (a int REFERENCES app.a); CREATE VIEW app.v AS SELECT * FROM app.a; CREATE TYPE app.pair AS (x int, y int); INSERT INTO app.a (t) VALUES ('x'), ('y'); INSERT INTO app.b VALUES (1), (2), (2);",
    destroys: 'DROP SCHEMA app CASCADE;',
    rows: "SELECT id || t AS r FROM app.a UNION ALL SELECT 'b' || a FROM app.b",
    saved: [['app.a', 'app.b'], 5],
  },
  'MERGE … DELETE': {
    since: 15,
    made: `${USERS} CREATE TABLE gone (id int); INSERT INTO gone VALUES (1), (7);`,
    destroys: 'MERGE INTO users USING gone ON users.id = gone.id WHEN MATCHED THEN DELETE;',
    rows: 'SELECT * FROM users',
    saved: [['public.users'], 2],
  },
  'DELETE through a view': {
    made: `${USERS} CREATE VIEW people AS SELECT id AS number FROM users;`,
    destroys: 'DELETE FROM people WHERE number > 0;',
    rows: 'SELECT * FROM users',
    saved: [['public.users'], 2],
  },
  'DELETE that a rule makes of something else': {
    made: `${USERS} CREATE TABLE t (id int); INSERT INTO t VALUES (1); CREATE RULE r AS ON DELETE TO t DO ALSO DELETE FROM users;`,
    destroys: 'DELETE FROM t;',
    rows: 'SELECT * FROM users',
    saved: [['public.t', 'public.users'], 3],
  },
  'PREPARE and EXECUTE': {
    made: USERS,
    destroys: 'PREPARE clean(int) AS DELETE FROM users WHERE id >= $1; EXECUTE clean(2); DEALLOCATE clean;',
    rows: 'SELECT * FROM users',
    saved: [['public.users'], 2],
  },
  'SET search_path': {
    made: `${USERS} CREATE SCHEMA app; CREATE TABLE app.users (id int); INSERT INTO app.users VALUES (7), (8), (9);`,
    destroys: 'SET search_path = app, public; DROP TABLE users;',
    rows: 'SELECT * FROM app.users',
    saved: [['app.users'], 3],
  },
  'Role with "$user"': {
    made: `${USERS} CREATE SCHEMA ${ADMIN}; CREATE TABLE ${ADMIN}.users (id int); INSERT INTO ${ADMIN}.users VALUES (7); ALTER SCHEMA ${ADMIN} OWNER TO ${ADMIN}; ALTER TABLE ${ADMIN}.users OWNER TO ${ADMIN};`,
    header: `-- Role: ${ADMIN}\n`,
    destroys: 'DROP TABLE users;',
    rows: `SELECT * FROM ${ADMIN}.users`,
    saved: [[`${ADMIN}.users`], 1],
  },
  'TRUNCATE CASCADE': {
    made: CHILDREN,
    destroys: 'TRUNCATE parent CASCADE;',
    rows: CHILD_ROWS,
    saved: [ALL_CHILDREN, 7],
  },
  'ON DELETE CASCADE': {
    made: CHILDREN,
    destroys: 'DELETE FROM parent WHERE id = 2;',
    rows: CHILD_ROWS,
    saved: [ALL_CHILDREN, 7],
  },
  'inheritance children': {
    made: "CREATE TABLE base (id int); CREATE TABLE sub (extra text) INHERITS (base); INSERT INTO base VALUES (1); INSERT INTO sub VALUES (2, NULL), (3, E'a\\tb\\n\\\\.\\n');",
    destroys: 'DELETE FROM base;',
    rows: 'SELECT id, NULL AS extra FROM ONLY base UNION ALL SELECT id, extra FROM sub',
    saved: [['public.base', 'public.sub'], 3],
  },
  'inheritance children that are dropped along': {
    made: 'CREATE TABLE base (id int); CREATE TABLE sub (extra text) INHERITS (base); INSERT INTO base VALUES (1); INSERT INTO sub VALUES (2, NULL);',
    destroys: 'DROP TABLE base CASCADE;',
    rows: 'SELECT id, (SELECT count(*)::int FROM sub) AS n FROM base',
    saved: [['public.base', 'public.sub'], 2],
  },
  partitions: {
    made: "CREATE TABLE log (day int, t text, PRIMARY KEY (day)) PARTITION BY RANGE (day); CREATE TABLE log_1 PARTITION OF log FOR VALUES FROM (0) TO (10); CREATE TABLE log_2 PARTITION OF log DEFAULT; CREATE INDEX ON log (t); INSERT INTO log VALUES (1, 'a'), (20, 'b'), (30, NULL);",
    destroys: 'DROP TABLE log;',
    rows: 'SELECT day, t, tableoid::regclass::text AS part FROM log',
    saved: [['public.log', 'public.log_1', 'public.log_2'], 3],
  },
  'a CTE that deletes': {
    made: `${USERS} CREATE TABLE archive (id int);`,
    destroys: 'WITH gone AS (DELETE FROM users RETURNING id) INSERT INTO archive SELECT id FROM gone;',
    rows: 'SELECT * FROM users',
    saved: [['public.users'], 2],
  },
  'DROP OWNED': {
    made: `${USERS} ALTER TABLE users OWNER TO ${ADMIN};`,
    destroys: `DROP OWNED BY ${ADMIN};`,
    rows: 'SELECT * FROM users',
    saved: [['public.users'], 2],
  },
  'UPDATE of all rows through a view': {
    made: `${USERS} CREATE VIEW people AS SELECT id AS number, name FROM users;`,
    destroys: "UPDATE people SET name = '';",
    rows: 'SELECT * FROM users',
    saved: [['public.users'], 2],
    refused: 'TM6007',
  },
  'UPDATE of all rows through a view of a view': {
    made: `${USERS} CREATE VIEW v AS SELECT * FROM users; CREATE VIEW w AS SELECT id, name FROM v;`,
    destroys: 'UPDATE w SET name = NULL;',
    rows: 'SELECT * FROM users',
    saved: [['public.users'], 2],
    refused: 'TM6007',
  },
  'MERGE … UPDATE and DELETE': {
    since: 15,
    made: `${USERS} CREATE TABLE gone (id int); INSERT INTO gone VALUES (1), (2);`,
    destroys:
      "MERGE INTO users USING gone ON users.id = gone.id WHEN MATCHED AND users.id = 1 THEN DELETE WHEN MATCHED THEN UPDATE SET name = '';",
    rows: 'SELECT * FROM users',
    saved: [['public.users'], 2],
    refused: 'TM6007',
  },
  'MERGE … DELETE RETURNING in a CTE': {
    since: 17,
    made: `${USERS} CREATE TABLE gone (id int); INSERT INTO gone VALUES (1); CREATE TABLE log (id int);`,
    destroys:
      'WITH m AS (MERGE INTO users USING gone ON users.id = gone.id WHEN MATCHED THEN DELETE RETURNING users.id) INSERT INTO log SELECT id FROM m;',
    rows: 'SELECT * FROM users',
    saved: [['public.users'], 2],
  },
  'MERGE into a view': {
    since: 17,
    made: `${USERS} CREATE VIEW people AS SELECT id AS number FROM users; CREATE TABLE gone (id int); INSERT INTO gone VALUES (2);`,
    destroys: 'MERGE INTO people USING gone ON number = id WHEN MATCHED THEN DELETE;',
    rows: 'SELECT * FROM users',
    saved: [['public.users'], 2],
  },
  'MERGE … WHEN NOT MATCHED BY SOURCE THEN DELETE': {
    since: 17,
    made: `${USERS} CREATE TABLE kept (id int); INSERT INTO kept VALUES (2);`,
    destroys: 'MERGE INTO users USING kept ON users.id = kept.id WHEN NOT MATCHED BY SOURCE THEN DELETE;',
    rows: 'SELECT * FROM users',
    saved: [['public.users'], 2],
  },
  'an attribute of a type': {
    made: "CREATE TYPE pair AS (x int, y int); CREATE TABLE points (id int, p pair); CREATE TABLE lists (ps pair[]); CREATE TABLE others (id int); INSERT INTO points VALUES (1, '(1,2)'), (2, NULL); INSERT INTO lists VALUES (ARRAY['(3,4)'::pair]); INSERT INTO others VALUES (1);",
    destroys: 'ALTER TYPE pair DROP ATTRIBUTE y;',
    rows: 'SELECT id, p::text FROM points UNION ALL SELECT 0, ps::text FROM lists',
    saved: [['public.lists', 'public.points'], 3],
    refused: 'TM5041',
  },
  'a column of a table of a type': {
    made: 'CREATE TYPE pair AS (x int, y int); CREATE TABLE points OF pair; INSERT INTO points VALUES (1, 2);',
    destroys: 'ALTER TYPE pair DROP ATTRIBUTE y CASCADE;',
    rows: 'SELECT * FROM points',
    saved: [['public.points'], 1],
    refused: 'TM6007',
  },
  'a table that was renamed after it was emptied': {
    made: USERS,
    destroys: 'TRUNCATE users; ALTER TABLE users RENAME TO people;',
    rows: 'SELECT * FROM users',
    rowsAfter: 'SELECT * FROM people',
    saved: [['public.users'], 2],
  },
}

describe('what is really lost is saved, counted, and brought back', () => {
  test.each(Object.entries(CASES).filter(([, { since = 0 }]) => since <= major))(
    '%s',
    async (_, { made, destroys, header = '', rows, rowsAfter = rows, saved, refused }) => {
      folder = await createMigrationFolder({ '001_made': `-- @up\n${made}\n` })
      await runner().runMigrations({ backup: false })
      const before = sorted(await query(database, rows))
      expect(before.length).toBeGreaterThan(0)
      await folder.write({ '002_destroys': `-- Depends on: [001_made]\n${header}-- @up\n${destroys}\n` })
      const { runId } = await runner().runMigrations()
      const [{ backup = undefined } = {}] = await query<{ backup?: Backup }>(
        database,
        `SELECT details->'backup' AS backup FROM migration_history WHERE run_id = '${runId}'`,
      )
      expect([[...(backup?.tables ?? [])].sort(), backup?.rows]).toEqual([[...saved[0]], saved[1]])
      if (refused !== undefined) {
        expect((await refusal(restorer().restore(runId, run))).code).toBe(refused)
        return
      }
      await restorer().restore(runId, run)
      expect(sorted(await query(database, rowsAfter))).toEqual(before)
    },
  )
})

interface Backup {
  readonly path: string
  readonly tables: readonly string[]
  readonly rows: number
  readonly sha256: string
}

const UNKNOWABLE: Readonly<Record<string, string>> = {
  'a DO block that deletes': 'DO $$ BEGIN DELETE FROM users WHERE id = 2; END $$;',
  'EXECUTE in a DO block': "DO $$ BEGIN EXECUTE 'TRUNCATE users'; END $$;",
  'TRUNCATE and refill in a DO block':
    "DO $$ BEGIN TRUNCATE users; INSERT INTO users VALUES (1, 'x'); END $$;",
  'a DO block that drops': 'DO $$ BEGIN DROP TABLE users CASCADE; END $$;',
  'a DO block that drops a column': 'DO $$ BEGIN ALTER TABLE users DROP name; END $$;',
  'a DO block that overwrites every row': "DO $$ BEGIN UPDATE users SET name = ''; END $$;",
  'a DO block before a TRUNCATE that hides it': 'DO $$ BEGIN DELETE FROM users; END $$; TRUNCATE users;',
  'a function': 'SELECT wipe();',
  'a trigger': 'INSERT INTO t VALUES (1);',
  'an INSTEAD OF trigger': 'DELETE FROM v;',
  'a trigger that waits for COMMIT': 'INSERT INTO late VALUES (1);',
}

test.each(Object.entries(UNKNOWABLE))(
  'what cannot be known beforehand is rolled back: %s',
  async (_, sql) => {
    folder = await createMigrationFolder({
      '001_made': `-- @up\n${USERS}
CREATE FUNCTION wipe() RETURNS void LANGUAGE plpgsql AS $$ BEGIN DELETE FROM users; END $$;
CREATE FUNCTION wipe_too() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN DELETE FROM users; RETURN NULL; END $$;
CREATE TABLE t (id int);
CREATE TRIGGER wiping AFTER INSERT ON t FOR EACH ROW EXECUTE FUNCTION wipe_too();
CREATE TABLE late (id int);
CREATE CONSTRAINT TRIGGER wiping AFTER INSERT ON late DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION wipe_too();
CREATE VIEW v AS SELECT count(*) AS n FROM users;
CREATE TRIGGER wiping INSTEAD OF DELETE ON v FOR EACH ROW EXECUTE FUNCTION wipe_too();
`,
    })
    await runner().runMigrations({ backup: false })
    await folder.write({ '002_wipes': `-- Depends on: [001_made]\n-- @up\n${sql}\n` })
    const error = await refusal(runner().runMigrations())
    expect([error.code, error.message]).toEqual(['TM5042', expect.stringContaining('"public.users"')])
    expect(error.help).toContain('--no-backup')
    expect(await query(database, 'SELECT * FROM users')).toHaveLength(2)
    expect(await query(database, "SELECT status FROM schema_migrations WHERE id = '002_wipes'")).toEqual([
      { status: 'failed' },
    ])
    expect((await runner().runMigrations({ backup: false })).done).toEqual(['002_wipes'])
  },
)

test.each(['SELECT lo_unlink(4711);', `DROP OWNED BY ${ADMIN};`])(
  'a large object is not saved, so what removes it is rolled back: %s',
  async (sql) => {
    folder = await createMigrationFolder({
      '001_made': `-- @up\nSELECT lo_from_bytea(4711, 'abc');\nALTER LARGE OBJECT 4711 OWNER TO ${ADMIN};\n`,
      '002_wipes': `-- Depends on: [001_made]\n-- @up\n${sql}\n`,
    })
    const error = await refusal(runner().runMigrations())
    expect([error.code, error.message]).toEqual([
      'TM5042',
      expect.stringContaining('1 row of "pg_catalog.pg_largeobject_metadata" was deleted'),
    ])
    expect(await query(database, "SELECT convert_from(lo_get(4711), 'UTF8') AS t")).toEqual([{ t: 'abc' }])
  },
)

test('what takes nothing away runs with a backup and leaves none: code, triggers, rewriting, updates under a condition', async () => {
  folder = await createMigrationFolder({
    '001_made': `-- @up\n${USERS}
CREATE TABLE empty (id int);
CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.name = upper(NEW.name); RETURN NEW; END $$;
CREATE TRIGGER noting BEFORE INSERT OR UPDATE ON users FOR EACH ROW EXECUTE FUNCTION note();
`,
    '002_works': `-- Depends on: [001_made]\n-- @up
DO $$ BEGIN INSERT INTO users VALUES (3, 'c'); CREATE TABLE scratch (id int); DROP TABLE scratch; UPDATE users SET name = 'b' WHERE id = 2; END $$;
UPDATE users SET name = 'x' WHERE name IS NOT NULL;
ALTER TABLE users ADD token text DEFAULT random();
ALTER TABLE empty ADD token text DEFAULT random();
CREATE TABLE own (id int); INSERT INTO own VALUES (1); DROP TABLE own;
`,
  })
  const { done } = await runner().runMigrations()
  expect(done).toEqual(['001_made', '002_works'])
  expect(await readdir(backups)).toEqual([])
})

test('a file without a transaction that may take data away is refused before anything runs', async () => {
  folder = await createMigrationFolder({
    '001_made': `-- @up\n${USERS}`,
    '002_wipes':
      '-- Depends on: [001_made]\n-- Transaction: none\n-- @up\nCREATE INDEX CONCURRENTLY u ON users (name);\nDELETE FROM users;\n',
  })
  const error = await refusal(runner().runMigrations())
  expect([error.code, error.message]).toEqual([
    'TM6030',
    '"002_wipes" runs without a transaction and may take data away, which cannot be saved with certainty',
  ])
  expect(await query(database, "SELECT id FROM schema_migrations WHERE status = 'completed'")).toEqual([])
  await folder.write({
    '002_wipes':
      '-- Depends on: [001_made]\n-- Transaction: none\n-- @up\nCREATE INDEX CONCURRENTLY u ON users (name);\nUPDATE users SET name = lower(name) WHERE id = 1;\n',
  })
  expect((await runner().runMigrations()).done).toEqual(['001_made', '002_wipes'])
})

test('folders are 0700, files 0600, and the history has the SHA-256; an edited or exchanged archive is not read', async () => {
  folder = await createMigrationFolder({
    '001_made': `-- @up\n${USERS}`,
    '002_drops': '-- Depends on: [001_made]\n-- @up\nDROP TABLE users;\n',
  })
  const { runId } = await runner().runMigrations()
  const place = join(backups, runId)
  const files = await readdir(place)
  expect((await stat(place)).mode & 0o777).toBe(0o700)
  for (const file of files) expect((await stat(join(place, file))).mode & 0o777).toBe(0o600)
  const path = join(place, '001-002_drops-up.dump')
  const original = await readFile(path)
  const edited = gunzipSync(original)
    .toString()
    .replace('CREATE TABLE', `ALTER ROLE ${READER} SUPERUSER; CREATE TABLE`)
  await writeFile(path, gzipSync(edited))
  const manifest = JSON.parse(await readFile(join(place, 'manifest.json'), 'utf8'))
  const { createHash } = await import('node:crypto')
  manifest.entries[0].sha256 = createHash('sha256').update(gzipSync(edited)).digest('hex')
  await writeFile(join(place, 'manifest.json'), JSON.stringify(manifest))
  expect((await refusal(restorer().restore(runId, run))).code).toBe('TM6031')
  // Where no history vouches for it, rows and plain columns are all that is taken.
  const other = await createTestDatabase()
  onTestFinished(() => other.drop())
  const copy = other.url
  const elsewhere = createServerBackups({ database: copy, backups, anyTarget: true }).restorer
  expect((await refusal(restorer().restore(runId, run))).code).toBe('TM6031')
  await elsewhere.restore(runId, run)
  expect(await query(copy, 'SELECT * FROM users ORDER BY id')).toEqual([
    { id: 1, name: 'Ada' },
    { id: 2, name: 'Bob' },
  ])
  expect(await query(database, `SELECT rolsuper FROM pg_roles WHERE rolname = '${READER}'`)).toEqual([
    { rolsuper: false },
  ])
  await writeFile(path, original)
  await restorer().restore(runId, run)
  expect(await query(database, 'SELECT * FROM users')).toHaveLength(2)
})

test('a dropped table comes back with defaults, keys, triggers, policies, privileges and comments', async () => {
  folder = await createMigrationFolder({
    '001_made': `-- @up
CREATE DOMAIN email AS text CHECK (VALUE LIKE '%@%');
CREATE TABLE owners (id int PRIMARY KEY);
INSERT INTO owners VALUES (1);
CREATE FUNCTION stop() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$;
CREATE TABLE pets (id bigserial, mail email, "Odd "" name" numeric(5,2) DEFAULT 1.5 NOT NULL, owner int REFERENCES owners,
  PRIMARY KEY (id), UNIQUE (mail), CHECK (owner > 0));
INSERT INTO pets (mail, owner) VALUES ('a@b', 1), (NULL, NULL);
CREATE INDEX pets_lower ON pets (lower(mail::text)) WHERE owner > 0;
CREATE TRIGGER stopping BEFORE INSERT ON pets FOR EACH ROW EXECUTE FUNCTION stop();
ALTER TABLE pets DISABLE TRIGGER stopping;
ALTER TABLE pets ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON pets FOR SELECT USING (owner = 1);
GRANT SELECT ON pets TO PUBLIC;
COMMENT ON COLUMN pets.mail IS 'it''s';
`,
  })
  const definition = `SELECT pg_get_constraintdef(oid) AS d FROM pg_constraint WHERE conrelid = 'pets'::regclass AND contype <> 'n'
    UNION ALL SELECT indexdef FROM pg_indexes WHERE tablename = 'pets'
    UNION ALL SELECT pg_get_triggerdef(oid) || tgenabled::text FROM pg_trigger WHERE tgrelid = 'pets'::regclass AND NOT tgisinternal
    UNION ALL SELECT concat(polname, pg_get_expr(polqual, polrelid)) FROM pg_policy WHERE polrelid = 'pets'::regclass
    UNION ALL SELECT concat(attname, format_type(atttypid, atttypmod), attnotnull, pg_get_expr(adbin, adrelid)) FROM pg_attribute
      LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum WHERE attrelid = 'pets'::regclass AND attnum > 0
    UNION ALL SELECT concat(relrowsecurity, relacl) FROM pg_class WHERE relname = 'pets'
    UNION ALL SELECT concat(description) FROM pg_description WHERE objoid = 'pets'::regclass
    UNION ALL SELECT concat(p) FROM pets p UNION ALL SELECT pg_get_serial_sequence('pets', 'id') || last_value::text FROM pets_id_seq`
  await runner().runMigrations()
  const before = sorted(await query(database, definition))
  await folder.write({ '002_drops': '-- Depends on: [001_made]\n-- @up\nDROP TABLE pets CASCADE;\n' })
  const { runId } = await runner().runMigrations()
  await restorer().restore(runId, run)
  expect(sorted(await query(database, definition))).toEqual(before)
})

test('a type loses an attribute that nothing uses, and no step is rolled back for it', async () => {
  folder = await createMigrationFolder({
    '001_made':
      '-- @up\nCREATE TYPE pair AS (x int, y int);\nCREATE TABLE points (p pair);\nCREATE FUNCTION f(pair) RETURNS int LANGUAGE sql AS $$ SELECT 1 $$;\n',
    '002_drops':
      '-- Depends on: [001_made]\n-- @up\nALTER TYPE pair DROP ATTRIBUTE y;\nDO $$ BEGIN ALTER TYPE pair DROP ATTRIBUTE x; END $$;\n',
  })
  expect((await runner().runMigrations()).done).toEqual(['001_made', '002_drops'])
})

test('an attribute that a DO block drops under rows is rolled back', async () => {
  folder = await createMigrationFolder({
    '001_made':
      "-- @up\nCREATE TYPE pair AS (x int, y int);\nCREATE TABLE points (p pair);\nINSERT INTO points VALUES ('(1,2)');\n",
  })
  await runner().runMigrations()
  await folder.write({
    '002_drops': '-- Depends on: [001_made]\n-- @up\nDO $$ BEGIN ALTER TYPE pair DROP ATTRIBUTE y; END $$;\n',
  })
  expect((await refusal(runner().runMigrations())).code).toBe('TM5042')
})

async function readMajor(): Promise<number> {
  const [row] = await query<{ num: string }>(
    sharedServerUrl(),
    "SELECT current_setting('server_version_num') AS num",
  )
  return Math.floor(Number(row?.num) / 10_000)
}

function sorted(rows: readonly object[]): readonly string[] {
  return rows.map((row) => JSON.stringify(row)).sort()
}

async function query<Row extends object>(url: string, text: string): Promise<readonly Row[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const result: pg.QueryResult<Row> | pg.QueryResult<Row>[] = await client.query<Row>(text)
    return Array.isArray(result) ? (result.at(-1)?.rows ?? []) : result.rows
  } finally {
    await client.end()
  }
}

async function refusal(promise: Promise<unknown>): Promise<TidemarkError> {
  const error = await promise.then(
    () => new Error('it was not refused'),
    (thrown: unknown) => thrown,
  )
  if (error instanceof TidemarkError) return error
  throw error
}

test('what another session takes away meanwhile is no loss of the step', async () => {
  await query(
    database,
    `${USERS} CREATE TABLE theirs (id int, note text); INSERT INTO theirs VALUES (1, 'x');
     CREATE TABLE emptied (id int); INSERT INTO emptied VALUES (1); CREATE TABLE narrowed (id int, note text);
     INSERT INTO narrowed VALUES (1, 'x')`,
  )
  folder = await createMigrationFolder({ '001_drop': 'DROP TABLE users;\nSELECT pg_advisory_lock(91);\n' })
  const other = new pg.Client({ connectionString: database })
  await other.connect()
  await other.query('SELECT pg_advisory_lock(91)')
  const running = runner().runMigrations()
  const isWaiting = async () =>
    (
      await other.query(
        `SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
           AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
      )
    ).rows.length > 0
  while (!(await isWaiting()));
  await other.query('DROP TABLE theirs; TRUNCATE emptied; ALTER TABLE narrowed DROP COLUMN note')
  await other.query('SELECT pg_advisory_unlock(91)')
  await other.end()
  expect((await running).done).toEqual(['001_drop'])
  const [history] = await query(
    database,
    "SELECT details->'backup'->'tables' AS tables FROM migration_history",
  )
  expect(history).toEqual({ tables: ['public.users'] })
})
