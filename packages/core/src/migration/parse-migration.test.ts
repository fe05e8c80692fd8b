import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isReversible, sectionText } from './model/migration.ts'
import { type ParseMigrationOptions, parseMigration } from './parse-migration.ts'

test('a file is cut into its sections, in any order', () => {
  const migration = parseOk('-- @verify\nSELECT true;\n-- @down\nDROP TABLE a;\n-- @up\nCREATE TABLE a ();\n')
  expect(migration.id).toBe('001_a')
  expect(sectionText(migration, migration.up)).toBe('CREATE TABLE a ();')
  expect(migration.down && sectionText(migration, migration.down)).toBe('DROP TABLE a;')
  expect(migration.verify && sectionText(migration, migration.verify)).toBe('SELECT true;')
})

test.each([
  ['C:\\work\\migrations\\001_a.sql', '001_a'],
  ['migrations\\001_a.sql', '001_a'],
  ['migrations/sub/001_a.sql', '001_a'],
])('the id of %s is %s', (path, id) => {
  const parsed = parseMigration({ path, text: '-- @up\nSELECT 1;' })
  expect(parsed.ok && parsed.value.migration.id).toBe(id)
})

test('markers may be indented, without a space, in capitals and behind CRLF', () => {
  const migration = parseOk('\uFEFF  --@UP  \r\nSELECT 1;\r\n\t-- @Down\r\nSELECT 2;\r\n')
  expect(sectionText(migration, migration.up)).toBe('SELECT 1;')
  expect(migration.down?.statements).toHaveLength(1)
})

test('a Windows file is the same migration as a Linux file', () => {
  const text = '-- @up\nCREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$\n  SELECT 1\n$$;\n'
  const windows = parseOk(`\uFEFF${text.replaceAll('\n', '\r\n')}`)
  expect(windows).toEqual(parseOk(text))
})

test('a marker in a string, an identifier, a dollar quote, a comment or COPY data is none', () => {
  const migration = parseOk(`-- @up
SELECT '
-- @down
', "
-- @down
", $x$
-- @down
$x$ /*
-- @down
*/;
COPY t FROM stdin;
-- @down
\\.
`)
  expect(migration.down).toBeUndefined()
  expect(migration.up.statements).toHaveLength(2)
})

test('a comment with another word is an ordinary comment, also in the middle of a statement', () => {
  const migration = parseOk(
    '-- @up\nCREATE TABLE a (\n-- @omit\nid int)\n-- @author Ada\n-- @omit\nTABLESPACE x;\n',
  )
  expect(migration.up.statements).toHaveLength(1)
})

test.each(['upp', 'pu', 'ups', 'dwon', 'downn', 'dwn', 'verfy', 'verif', 'evrify'])(
  '@%s is a near miss',
  (word) => {
    expect(codesOf(`-- @up\nSELECT 1;\n-- @${word}\nSELECT 2;\n`)).toContain('TM1010')
  },
)

test.each([
  '-- @ down',
  '--- @down',
  '-----@down',
  '-- - @ DOWN  ',
  '-- @downs',
  '-- @dow',
  '--\u00a0@\u00a0down\u00a0',
])('%s is a near miss too: what follows would run as a part of @up', (line) => {
  expect(codesOf(`-- @up\nSELECT 1;\n${line}\nDROP TABLE a;\n`)).toEqual(['TM1010'])
})

test.each(['-- @ down the road', '-- @', '--', '-- @ omit', '--- @omit', '-- @\n-- down', '--------'])(
  '%s is an ordinary comment',
  (line) => {
    expect(codesOf(`-- @up\nSELECT 1;\n${line}\nSELECT 2;\n`)).toEqual([])
  },
)

test('no-break spaces from a web page, and a full-width colon, lose neither section nor key', () => {
  const migration = parseOk(
    '--\u00a0Depends\u00a0on\uff1a\u3000[001_b]\u00a0\n--\u2003Tags:\u00a0[x]\n--\u00a0@up\u00a0\nSELECT 1;\n\f--\u2009@down\nSELECT 2;',
  )
  expect(migration.header.dependsOn).toEqual(['001_b'])
  expect(migration.header.tags).toEqual(['x'])
  expect(migration.down?.statements).toHaveLength(1)
})

test('a command of psql is named, also when its name is no word', () => {
  const parsed = parseMigration({ path: 'a.sql', text: '-- @up\nSELECT 1;\n\\;\n\\gexec x\n\\\n\\😀' })
  expect(parsed.ok ? [] : parsed.error.map(({ message }) => message)).toEqual([
    '"\\;" is a psql command, not SQL',
    '"\\gexec" is a psql command, not SQL',
    '"\\" is a psql command, not SQL',
    '"\\😀" is a psql command, not SQL',
  ])
})

test.each(['u', 'app', 'p', 'dawn', 'done', 'own', 'version', 'very', 'omit', 'author', 'rollback', 'undo'])(
  '@%s is no near miss',
  (word) => {
    expect(codesOf(`-- @up\nSELECT 1;\n-- @${word}\nSELECT 2;\n`)).toEqual([])
  },
)

test('a marker ends a statement that has no semicolon', () => {
  const migration = parseOk('-- @up\nSELECT 1\n-- @down\nSELECT 2')
  expect(migration.up.statements.map(({ terminated }) => terminated)).toEqual([false])
  expect(migration.down?.statements).toHaveLength(1)
})

test('a merge point may be empty and can be rolled back', () => {
  const header = '-- Type: custom_sql\n-- Tags: [merge]\n-- Depends on: [002_b, 003_c]\n'
  expect(isReversible(parseOk(`${header}-- @up\n`))).toBe(true)
  expect(codesOf('-- Tags: [merge]\n-- Depends on: [002_b]\n-- @up\n')).toEqual(['TM1015'])
})

test('a file without @down, or with an empty one, is irreversible', () => {
  expect(isReversible(parseOk('-- @up\nSELECT 1;\n'))).toBe(false)
  expect(isReversible(parseOk('-- @up\nSELECT 1;\n-- @down\n;\n'))).toBe(false)
  expect(isReversible(parseOk('-- @up\nSELECT 1;\n-- @down\nSELECT 1;\n'))).toBe(true)
})

test('every problem of a file is reported at once, in the order of the places', () => {
  const text = `-- Type: nonsense
-- Run: never
SELECT 0;
-- @up
COMMIT;
-- @dwon
SELECT 1;
-- @verify
DELETE FROM a;
`
  expect(codesOf(text)).toEqual(['TM1006', 'TM1007', 'TM1014', 'TM1018', 'TM1010', 'TM1017'])
})

test.each([
  'BEGIN',
  'START TRANSACTION',
  'COMMIT',
  'COMMIT AND CHAIN',
  'END',
  'ROLLBACK',
  'ROLLBACK AND NO CHAIN',
  'ABORT',
  "PREPARE TRANSACTION 'x'",
  "COMMIT PREPARED 'x'",
  "ROLLBACK PREPARED 'x'",
])('%s is refused in any file and section', (sql) => {
  expect(codesOf(`-- @up\n${sql};\n`)).toEqual(['TM1018'])
  expect(codesOf(`-- Transaction: none\n-- @up\nSELECT 1;\n-- @down\n/* x */ ${sql}`)).toEqual(['TM1018'])
})

test.each([
  'SAVEPOINT a',
  'ROLLBACK TO a',
  'ROLLBACK TO SAVEPOINT a',
  'RELEASE a',
  'PREPARE p AS SELECT 1',
  'DO $$ BEGIN COMMIT; END $$',
  'CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; END',
  'REFRESH MATERIALIZED VIEW CONCURRENTLY a',
  'ALTER TABLE a DETACH PARTITION b',
  'CLUSTER a',
  'REINDEX TABLE a',
  'DROP INDEX a',
  'DISCARD TEMP',
  "COPY a FROM '/tmp/x'",
  'DROP SCHEMA app',
  'DROP TABLE app.schema_migrations',
  'COMMENT ON TABLE schema_migrations IS NULL',
])('%s is allowed', (sql) => {
  expect(codesOf(`-- @up\n${sql};\n`)).toEqual([])
})

test.each([
  'CREATE INDEX CONCURRENTLY a ON b (c)',
  'CREATE UNIQUE INDEX CONCURRENTLY a ON b (c)',
  'DROP INDEX CONCURRENTLY a',
  'REINDEX INDEX CONCURRENTLY a',
  'REINDEX (CONCURRENTLY) TABLE a',
  'REINDEX SCHEMA a',
  'REINDEX DATABASE a',
  'REINDEX SYSTEM a',
  'VACUUM',
  'VACUUM (FULL) a',
  "ALTER SYSTEM SET work_mem = '1MB'",
  'CREATE DATABASE a',
  'DROP DATABASE a',
  "CREATE TABLESPACE a LOCATION '/x'",
  'DROP TABLESPACE a',
  'CLUSTER',
  'ALTER TABLE a DETACH PARTITION b CONCURRENTLY',
  'ALTER DATABASE a SET TABLESPACE b',
  'DISCARD ALL',
  "CREATE SUBSCRIPTION a CONNECTION 'x' PUBLICATION b",
  'DROP SUBSCRIPTION a',
  'CREATE INDEX  CONCURRENTLY a ON b (c)',
  'create /* c */ index concurrently a on b (c)',
  'alter table only a detach partition b concurrently',
])('%s needs Transaction: none', (sql) => {
  expect(codesOf(`-- @up\n${sql};\n`)).toEqual(['TM1019'])
  expect(codesOf(`-- Transaction: none\n-- @up\n${sql};\n`)).toEqual([])
})

test('comments and line breaks between its words hide no statement', () => {
  const refused = {
    TM1018: ['COMMIT AND CHAIN', 'PREPARE TRANSACTION x', 'START TRANSACTION', 'ROLLBACK PREPARED x'],
    TM1019: [
      'CREATE INDEX CONCURRENTLY a ON b (c)',
      'CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS a ON b (c)',
      'DROP INDEX CONCURRENTLY a',
      'REINDEX TABLE CONCURRENTLY a',
      'ALTER TABLE a DETACH PARTITION b CONCURRENTLY',
      'ALTER DATABASE a SET TABLESPACE b',
      'ALTER SYSTEM RESET ALL',
      'CREATE DATABASE a',
      'DISCARD ALL',
      'VACUUM FULL a',
    ],
  }
  for (const [code, statements] of Object.entries(refused)) {
    for (const gap of [' /* c */ ', '/**/', ' -- c\n', '\n--\n\n', '\t\f\v']) {
      for (const sql of statements) {
        expect([sql, codesOf(`-- @up\n${sql.replaceAll(' ', gap)};\n`)]).toEqual([sql, [code]])
      }
    }
  }
})

test('an index built CONCURRENTLY must have a name', () => {
  const sql = 'CREATE INDEX CONCURRENTLY ON a (b);'
  expect(codesOf(`-- Transaction: none\n-- @up\n${sql}\n`)).toEqual(['TM1020'])
  expect(codesOf(`-- @up\nCREATE INDEX ON a (b);\n`)).toEqual([])
})

test.each([
  ['DROP SCHEMA public CASCADE', 'public'],
  ['DROP SCHEMA IF EXISTS app, "Tidemark"', 'Tidemark'],
  ['DROP TABLE a, schema_migrations', 'public'],
  ['DROP TABLE tidemark.migration_history', 'tidemark'],
  ['DROP TYPE public.migration_status', 'public'],
  ['TRUNCATE database_schema', 'public'],
  ['DELETE FROM schema_migrations', 'public'],
])('%s is refused where the tracking tables lie in %s', (sql, trackingSchema) => {
  expect(codesOf(`-- @up\n${sql};\n`, { trackingSchema })).toEqual(['TM1022'])
  expect(codesOf(`-- @up\n${sql};\n`, { trackingSchema: 'elsewhere' })).toEqual([])
})

test.each(['off', "'off'", 'FALSE', '0', "'no'", 'of', '/* on */ off'])(
  'standard_conforming_strings = %s would make strings mean what was not read',
  (value) => {
    expect(codesOf(`-- @up\nSET standard_conforming_strings = ${value};\n`)).toEqual(['TM1032'])
    expect(codesOf(`-- @up\nset local Standard_Conforming_Strings to ${value}\n-- @down\n`)).toEqual([
      'TM1032',
      'TM1016',
    ])
  },
)

test.each([
  "client_encoding = 'LATIN1'",
  'client_encoding TO win1252',
  "NAMES 'SQL_ASCII'",
  'LOCAL client_encoding = latin1',
])('SET %s would make letters of the file mean others, where it has any', (setting) => {
  expect(codesOf(`-- @up\nSET ${setting};\nSELECT 'zoë';\n`)).toEqual(['TM1032'])
  expect(codesOf(`-- @up\nSET ${setting};\nSELECT 'zoe';\n`)).toEqual([])
})

test.each([
  "client_encoding = 'UTF8'",
  "client_encoding TO 'utf-8'",
  "NAMES 'UTF8'",
  'client_encoding TO DEFAULT',
])('SET %s is what pg_dump writes, or as good', (setting) => {
  expect(codesOf(`-- @up\nSET ${setting};\nSELECT 'zoë';\n`)).toEqual([])
})

test.each(['= on', "TO 'on'", '= true /* off */', '= 1', 'TO DEFAULT', 'FROM CURRENT'])(
  'standard_conforming_strings %s is what pg_dump writes, or as good',
  (value) => {
    expect(codesOf(`-- @up\nSET standard_conforming_strings ${value};\n`)).toEqual([])
    expect(codesOf('-- @up\nRESET standard_conforming_strings;\nSET search_path = off;\n')).toEqual([])
  },
)

test('psql lines are refused, but for those that pg_dump writes', () => {
  expect(codesOf('\\restrict x\n-- Type: nonsense\n-- @up\nSELECT 1;\n\\unrestrict x\n')).toEqual([
    'TM1028',
    'TM1006',
    'TM1028',
  ])
  expect(codesOf('-- @up\nSELECT 1\n\\restrict x\n;\\gexec\n')).toEqual(['TM1023', 'TM1023'])
})

test('@verify takes queries and DO', () => {
  const queries =
    'SELECT true; WITH a AS (SELECT 1) SELECT true FROM a; VALUES (true); TABLE a; (SELECT true); DO $$ BEGIN END $$; SELECT EXISTS (SELECT FROM a FOR UPDATE);'
  expect(codesOf(`-- @up\nSELECT 1;\n-- @verify\n${queries}\n`)).toEqual([])
  const others =
    'UPDATE a SET b = 1; SELECT 1 INTO b; WITH a AS (INSERT INTO b VALUES (1) RETURNING 1) TABLE a; SET a = 1;' +
    'WITH a AS (DELETE FROM b WHERE c RETURNING 1) TABLE a; WITH a AS (UPDATE b SET c = d RETURNING 1) SELECT true;'
  expect(codesOf(`-- @up\nSELECT 1;\n-- @verify\n${others}\n`)).toEqual(Array(6).fill('TM1017'))
})

test('what never ends is reported at its opening, and nothing that follows from it', () => {
  const cases = [
    "'abc",
    '"abc',
    '$x$ abc',
    '/* abc /* d */',
    'SELECT (1',
    'CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1;',
  ]
  for (const sql of cases) expect(codesOf(`-- @up\n${sql}\n`)).toEqual(['TM1024'])
  expect(codesOf('/* a header that never ends\n-- @up\nSELECT 1;\n')).toEqual(['TM1024'])
  expect(codesOf('-- @up\nCOPY a FROM stdin;\n1\n')).toEqual(['TM1024'])
})

test('no text makes it throw, and what it accepts keeps its offsets', () => {
  const piece = fc.constantFrom(
    '-- @up\n',
    '-- @down\n',
    '-- @verify\n',
    '-- @pu\n',
    '-- Depends on: [a,\n',
    '-- b]\n',
    '-- Type: x\n',
    '\\x\n',
    "'",
    '"',
    '$$',
    '/*',
    '*/',
    '(',
    ')',
    ';',
    '\n',
    '\r',
    '\0',
    '\uFEFF',
    '😀',
    '\uD800',
    'BEGIN ATOMIC ',
    'SELECT 1',
    'COPY a FROM stdin;\n',
    '\\.\n',
    'DROP TABLE a',
    '-- Role: ',
    '[',
    ',',
    ':',
  )
  const text = fc
    .array(fc.oneof(piece, fc.string({ unit: 'binary' })), { maxLength: 25 })
    .map((parts) => parts.join(''))
  fc.assert(
    fc.property(text, fc.string(), (body, path) => {
      const parsed = parseMigration({ path, text: body })
      const diagnostics = parsed.ok ? parsed.value.notes : parsed.error
      for (const { span, source } of diagnostics) {
        if (span === undefined || source === undefined) continue
        expect(span.start).toBeGreaterThanOrEqual(0)
        expect(span.end).toBeGreaterThanOrEqual(span.start)
        expect(span.end).toBeLessThanOrEqual(source.text.length)
      }
      expect(parsed.ok).toBe(!diagnostics.some(({ severity }) => severity === 'error'))
    }),
    { numRuns: 3000 },
  )
})

test.each([
  ['statements that are refused', '-- @up\n', 'COMMIT;\n', ''],
  ['items without a comma', '-- Tags: [\n', '-- a\n', '-- ]\n-- @up\nSELECT 1;'],
  ['psql lines', '', '\\restrict x\n', '-- @up\nSELECT 1;'],
  ['markers', '', '-- @up\nSELECT 1;\n', ''],
  ['keys', '', '-- Type: x\n', '-- @up\nSELECT 1;'],
  ['openings of comments', '', '/* ', '-- @up\nSELECT 1;'],
])('two hundred thousand %s are no more than a long list', (_, before, repeated, after) => {
  expect(codesOf(before + repeated.repeat(200_000) + after).length).toBeGreaterThan(0)
})

function parseOk(text: string) {
  const parsed = parseMigration({ path: 'migrations/001_a.sql', text })
  if (!parsed.ok) throw new Error(parsed.error.map(({ message }) => message).join('\n'))
  return parsed.value.migration
}

function codesOf(text: string, options?: ParseMigrationOptions): string[] {
  const parsed = parseMigration({ path: 'migrations/001_a.sql', text }, options)
  return (parsed.ok ? parsed.value.notes : parsed.error).map(({ code }) => code)
}
