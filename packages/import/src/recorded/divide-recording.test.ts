import { expect, test } from 'vitest'
import { adoptableHistory } from './adoptable-history.ts'
import { divideRecording, type Recording } from './divide-recording.ts'
import { findHistory } from './find-history.ts'
import type { TableColumns } from './history-write.ts'
import type { RecordedStatement } from './recorded-statement.ts'

/** Statements that ran by themselves, unless some of their fields say something else. */
function record(...given: readonly (string | Partial<RecordedStatement>)[]): readonly RecordedStatement[] {
  return given.map((one, order): RecordedStatement => {
    const fields = typeof one === 'string' ? { text: one } : one
    const [word = ''] = (fields.text ?? '').split(' ')
    return {
      order,
      text: '',
      tag: `${word.toUpperCase()} 1`,
      data: undefined,
      settings: new Map(),
      transaction: order,
      within: 'alone',
      ...fields,
    }
  })
}

const inBlock = (transaction: number, ...texts: readonly string[]): readonly Partial<RecordedStatement>[] =>
  texts.map((text) => ({ text, transaction, within: 'block' }))

function divide(
  up: readonly RecordedStatement[],
  {
    down,
    named,
    tables = [],
    ...more
  }: Partial<Recording> & { readonly named?: string; readonly tables?: readonly TableColumns[] } = {},
) {
  const found = findHistory(up, { named, tables })
  if (found.kind !== 'found') throw new TypeError(found.kind)
  const recording = {
    up,
    down,
    history: found.history,
    functions: new Set<string>(),
    ownSchema: undefined,
    ...more,
  }
  const { migrations, findings } = divideRecording(recording, 'left_out')
  return {
    history: found.history,
    migrations,
    texts: migrations.map(({ name, transaction, up: { source }, down: back }) => [
      name,
      transaction,
      source.text,
      back?.source.text,
    ]),
    findings: findings.map(({ code, message }) => `${code} ${message}`),
  }
}

const mark = (name: string): string =>
  `INSERT INTO knex_migrations (name, batch) VALUES ('${name}'::text, '1'::integer)`

test('introspection and the tables of the tool are left out; calls of functions of the project stay', () => {
  const { texts } = divide(
    record(
      'SELECT * FROM information_schema.tables',
      'CREATE TABLE IF NOT EXISTS "knex_migrations" (id serial, name text)',
      'CREATE TABLE "knex_migrations_lock" (is_locked int)',
      'UPDATE "knex_migrations_lock" SET is_locked = 1',
      'SHOW server_version',
      'SELECT pg_advisory_lock(1)',
      { text: "SELECT setval('a', 5)", transaction: 50, within: 'block' },
      { text: 'SELECT public.fill(1)', transaction: 50, within: 'block' },
      {
        text: 'WITH n AS (INSERT INTO a VALUES (1) RETURNING b) SELECT * FROM n',
        tag: 'SELECT 1',
        transaction: 50,
        within: 'block',
      },
      { text: 'CREATE TABLE c AS SELECT 1 AS b', tag: 'SELECT 1', transaction: 50, within: 'block' },
      mark('1_a.js'),
    ),
    { functions: new Set(['fill']) },
  )
  expect(texts).toEqual([
    [
      '1_a',
      'required',
      "SELECT setval('a', 5);\nSELECT public.fill(1);\nWITH n AS (INSERT INTO a VALUES (1) RETURNING b) SELECT * FROM n;\nCREATE TABLE c AS SELECT 1 AS b;\n",
      undefined,
    ],
  ])
})

test('marks of transactions: one, several in one migration, none, and a tool that opens none', () => {
  const { texts } = divide(
    record(
      ...inBlock(1, 'CREATE TABLE a ()', mark('1'), 'CREATE TABLE b ()', mark('2')),
      ...inBlock(2, 'CREATE TABLE c ()'),
      ...inBlock(3, 'CREATE TABLE d ()', mark('3')),
      'CREATE TABLE e ()',
      mark('4'),
    ),
  )
  expect(texts).toEqual([
    ['1', 'required', 'CREATE TABLE a ();\n', undefined],
    ['2', 'required', 'CREATE TABLE b ();\n', undefined],
    [
      '3',
      'required',
      'BEGIN;\nCREATE TABLE c ();\nCOMMIT;\nBEGIN;\nCREATE TABLE d ();\nCOMMIT;\n',
      undefined,
    ],
    ['4', 'none', 'CREATE TABLE e ();\n', undefined],
  ])
  const sequelize = divide(
    record('CREATE TABLE a ()', `INSERT INTO "SequelizeMeta" ("name") VALUES ('1.js')`),
  )
  expect(sequelize.texts).toEqual([['1', 'required', 'CREATE TABLE a ();\n', undefined]])
})

test('settings that decide what a statement means come before it, the default search_path does not', () => {
  const path = (value: string) => new Map([['search_path', value]])
  const { texts } = divide(
    record(
      ...inBlock(1, 'CREATE TABLE a ()').map((one) => ({ ...one, settings: path('app, public') })),
      ...inBlock(1, 'CREATE TABLE b ()').map((one) => ({ ...one, settings: path('"public"') })),
      mark('1'),
    ),
  )
  expect(texts[0]?.[2]).toBe(
    'SET search_path = app, public;\nCREATE TABLE a ();\nRESET search_path;\nCREATE TABLE b ();\n',
  )
})

test('statements with a password or options are reported, and not written', () => {
  const { texts, findings } = divide(
    record(
      ...inBlock(
        1,
        "CREATE ROLE app LOGIN PASSWORD 'hunter2'",
        "CREATE SERVER far FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host 'far')",
        "CREATE USER MAPPING FOR app SERVER far OPTIONS (user 'u', password 'hunter2')",
        'CREATE TABLE password (options text)',
        mark('1'),
      ),
    ),
  )
  const left = '-- Left out, since it has a secret: write it by hand.\n'
  expect(texts[0]?.[2]).toBe(`${left.repeat(3)}CREATE TABLE password (options text);\n`)
  expect(findings).toEqual([
    "TM7031 a statement with a secret is left out: CREATE ROLE app LOGIN PASSWORD '***'",
    expect.stringContaining('TM7031 a statement with a secret is left out: CREATE SERVER far'),
    expect.stringContaining("password '***'"),
  ])
})

test('reading rows of the project, and statements after the last migration, are reported', () => {
  const { findings } = divide(
    record(
      ...inBlock(1, 'CREATE TABLE users (id int)', mark('1'), 'SELECT id FROM users', mark('2')),
      'CREATE TABLE late ()',
    ),
  )
  expect(findings).toEqual([
    'TM7033 its code read rows of "users": what it does with them was recorded on an empty database',
    'TM7031 1 statement after the last write to "knex_migrations" belong to no migration',
  ])
})

test('the way back goes to the migration that its write names; without one it is reported', () => {
  const { texts, findings } = divide(
    record(...inBlock(1, 'CREATE TABLE a ()', mark('1.js'), 'CREATE TABLE b ()', mark('2.js'))),
    { down: record('DROP TABLE a', "DELETE FROM knex_migrations WHERE name = '1.js'::text") },
  )
  expect(texts.map(([, , , down]) => down)).toEqual(['DROP TABLE a;\n', undefined])
  expect(findings).toEqual(['TM7033 Knex did not roll it back: it has no @down'])
})

test('Alembic keeps one row: each change of it ends a migration, and it says how far a database is', () => {
  const { texts, history, migrations } = divide(
    record(
      ...inBlock(
        1,
        'CREATE TABLE a ()',
        "INSERT INTO alembic_version (version_num) VALUES ('aa') RETURNING version_num",
      ),
      ...inBlock(
        2,
        'CREATE TABLE b ()',
        "UPDATE alembic_version SET version_num='bb' WHERE alembic_version.version_num = 'aa'",
      ),
    ),
    {
      down: record(
        'DROP TABLE b',
        "UPDATE alembic_version SET version_num='aa' WHERE alembic_version.version_num = 'bb'",
        'DROP TABLE a',
        "DELETE FROM alembic_version WHERE alembic_version.version_num = 'aa'",
      ),
    },
  )
  expect(texts).toEqual([
    ['aa', 'required', 'CREATE TABLE a ();\n', 'DROP TABLE a;\n'],
    ['bb', 'required', 'CREATE TABLE b ();\n', 'DROP TABLE b;\n'],
  ])
  const { judge } = adoptableHistory(history)
  expect(judge([{ version_num: 'aa' }], migrations)).toMatchObject({ applied: [true, false], unknown: [] })
  expect(judge([{ version_num: 'zz' }], migrations)).toMatchObject({
    applied: [false, false],
    unknown: ['zz'],
  })
})

test('Prisma writes its row before the statements of a migration', () => {
  const { texts } = divide(
    record(
      `INSERT INTO "_prisma_migrations" ("id", "migration_name") VALUES ('x'::text, '1_a'::text)`,
      ...inBlock(1, 'CREATE TABLE a ()'),
      `UPDATE "_prisma_migrations" SET "finished_at" = now() WHERE "id" = 'x'::text`,
      `INSERT INTO "_prisma_migrations" ("id", "migration_name") VALUES ('y'::text, '2_b'::text)`,
      ...inBlock(2, 'CREATE TABLE b ()'),
      `UPDATE "_prisma_migrations" SET "finished_at" = now() WHERE "id" = 'y'::text`,
    ),
  )
  expect(texts.map(([name, , text]) => [name, text])).toEqual([
    ['1_a', 'CREATE TABLE a ();\n'],
    ['2_b', 'CREATE TABLE b ();\n'],
  ])
})

test('a history table is found by its name and columns, or it is named', () => {
  const own = record('CREATE TABLE migrations (label text)', "INSERT INTO migrations (label) VALUES ('1')")
  expect(findHistory(own, { named: undefined, tables: [] })).toEqual({
    kind: 'none',
    written: ['migrations'],
  })
  expect(findHistory(own, { named: 'public.migrations', tables: [] })).toMatchObject({
    kind: 'found',
    history: { name: 'migrations' },
  })
  expect(findHistory(own, { named: 'other', tables: [] })).toMatchObject({ kind: 'none' })
  const both = record(mark('1'), "INSERT INTO pgmigrations (name) VALUES ('1')")
  expect(findHistory(both, { named: undefined, tables: [] })).toEqual({
    kind: 'several',
    names: ['knex_migrations', 'pgmigrations'],
  })
  const { texts } = divide(
    record(...inBlock(1, 'CREATE TABLE a ()', "INSERT INTO migrations (label) VALUES ('1')")),
    {
      named: 'migrations',
    },
  )
  expect(texts).toEqual([['1', 'required', 'CREATE TABLE a ();\n', undefined]])
})

const TABLE = [{ schema: 'ops', name: 'Done Steps', columns: ['id', 'name', 'at'] }]

test.each([
  ['without a list of columns', `INSERT INTO "Done Steps" VALUES (1, '1_a.sql', now())`],
  ['with other values', `INSERT INTO ops."Done Steps" VALUES (DEFAULT, ('1_a'::text)), ('x' || 'y')`],
  ['with a list', `INSERT INTO "Done Steps" AS d ("name") OVERRIDING SYSTEM VALUE VALUES ($x$1_a$x$)`],
  [
    'on conflict',
    `INSERT INTO "Done Steps" (name) VALUES ('1_a') ON CONFLICT (name) DO UPDATE SET (at) = ROW ('z')`,
  ],
  ['by a query', `INSERT INTO "Done Steps" (name, at) SELECT '1_a'::text, now() WHERE NOT EXISTS (SELECT 1)`],
  ['by a query without a list', `INSERT INTO "Done Steps" SELECT 1, CAST('1_a' AS text)`],
] as const)('a row of the history is read: %s', (_, text) => {
  const { texts, history } = divide(record(...inBlock(1, 'CREATE TABLE a ()', text)), {
    named: 'Done Steps',
    tables: TABLE,
  })
  expect(history.known.key).toEqual(['name'])
  expect(texts).toEqual([['1_a', 'required', 'CREATE TABLE a ();\n', undefined]])
})

test('rows of a COPY are read; rows that are not in the text of a statement are not', () => {
  const copy = {
    text: 'COPY "Done Steps" FROM STDIN',
    tag: 'COPY 1',
    transaction: 1,
    within: 'block',
  } as const
  const options = { named: 'ops.Done Steps', tables: TABLE }
  const { texts } = divide(
    record(...inBlock(1, 'CREATE TABLE a ()'), { ...copy, data: '1\t1_a\t\\N\n' }),
    options,
  )
  expect(texts).toEqual([['1_a', 'required', 'CREATE TABLE a ();\n', undefined]])
  for (const one of [
    { ...copy, text: `${copy.text} (FORMAT binary)`, data: 'PGCOPY' },
    { text: 'INSERT INTO "Done Steps" SELECT * FROM queue' },
    { text: 'INSERT INTO "Done Steps" (name) VALUES (md5(now()::text))' },
  ])
    expect(findHistory(record(one), options)).toEqual({ kind: 'unreadable' })
})

test('several rows at once make one file, which is reported', () => {
  const { texts, findings } = divide(
    record(...inBlock(1, 'CREATE TABLE a ()', `INSERT INTO "Done Steps" VALUES (1, '1_a'), (2, '2_b')`)),
    { named: 'Done Steps', tables: TABLE },
  )
  expect(texts.map(([name]) => name)).toEqual(['2_b'])
  expect(findings).toEqual([
    'TM7033 the tool wrote 2 rows at once: what 2 of its migrations did is one file, named after the last row',
  ])
})

test('a table with one row, which says the version: what it is set to is not what is rolled back', () => {
  const { texts, history } = divide(
    record(
      "INSERT INTO state VALUES ('0')",
      'CREATE TABLE a ()',
      "UPDATE state SET v = '1'",
      'CREATE TABLE b ()',
      'UPDATE state SET v = (2)',
    ),
    {
      named: 'state',
      tables: [{ schema: 'public', name: 'state', columns: ['v'] }],
      down: record('DROP TABLE b', "UPDATE state SET v = '1'", 'DROP TABLE a', "UPDATE state SET v = '0'"),
    },
  )
  expect(history.known.rows).toBe('updated')
  expect(texts.map(([name, , up, down]) => [name, up, down])).toEqual([
    ['1', 'CREATE TABLE a ();\n', 'DROP TABLE a;\n'],
    ['2', 'CREATE TABLE b ();\n', 'DROP TABLE b;\n'],
  ])
})

test('Prisma notes later that a migration is finished: the columns of all writes say which tool it is', () => {
  const { texts } = divide(
    record(
      `INSERT INTO "_prisma_migrations" ("id", "migration_name") VALUES ('x'::text, '1_a'::text)`,
      'CREATE TABLE a ()',
      `UPDATE "_prisma_migrations" SET "finished_at" = '2026-01-01' WHERE "id" = 'x'::text`,
    ),
  )
  expect(texts).toEqual([['1_a', 'required', 'CREATE TABLE a ();\n', undefined]])
})
