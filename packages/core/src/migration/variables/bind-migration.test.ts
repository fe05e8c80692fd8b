import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { scanSql } from '../../sql/scan.ts'
import { tokens } from '../../sql/tokens.ts'
import { shownPlace } from '../../text/source-file.ts'
import type { Migration } from '../model/migration.ts'
import { parseMigration } from '../parse-migration.ts'
import { bindMigration } from './bind-migration.ts'
import { quoteValue } from './quote-value.ts'

function parse(text: string): Migration {
  const parsed = parseMigration({ path: 'migrations/001_x.sql', text })
  if (!parsed.ok) throw new Error(parsed.error.map(({ message }) => message).join('\n'))
  return parsed.value.migration
}

/** The `@up` of a file that declares `who` and `pw secret`, with its values. */
function bound(up: string, values: Readonly<Record<string, string>>): string {
  const migration = bindMigration(parse(`-- Variables: [who, pw secret]\n-- @up\n${up}\n`), values)
  return migration.source.text.slice(migration.up.body.start).trim()
}

describe('where values go', () => {
  const values = { who: "O'Hara", pw: 'p"w' }

  test.each([
    ["SELECT :'who';", "SELECT 'O''Hara';"],
    ['GRANT :"who" TO x;', 'GRANT "O\'Hara" TO x;'],
    ['SELECT :"pw";', 'SELECT "p""w";'],
    ["SELECT f(:'who',:'who')||:'pw';", "SELECT f('O''Hara','O''Hara')||'p\"w';"],
    ["SELECT:'who';", "SELECT'O''Hara';"],
    [
      "CREATE FUNCTION f() RETURNS text BEGIN ATOMIC SELECT :'who'; END;",
      "CREATE FUNCTION f() RETURNS text BEGIN ATOMIC SELECT 'O''Hara'; END;",
    ],
  ])('%s', (text, expected) => {
    expect(bound(text, values)).toBe(expected)
  })

  test.each([
    "SELECT ':''who''', E':\\'who\\'', $$ :'who' $$, $a$ :\"who\" $a$;",
    "SELECT 1; -- :'who'",
    "SELECT /* :'who' */ 1;",
    'SELECT x::"who";',
    "SELECT : 'who';",
    'SELECT :\'other\', :"other", :who, :{?who};',
    "SELECT :'who ', :' who', :E'who';",
    "SELECT a[1 :'w' || 'ho'];",
    'COPY t FROM stdin;\n:\'who\'\t:"who"\n\\.',
  ])('nothing is replaced in %j', (text) => {
    expect(bound(text, values)).toBe(text)
  })

  test('a value that looks like a variable is a value', () => {
    expect(bound("SELECT :'who', :'pw';", { who: ":'pw'", pw: ':"who"' })).toBe(
      "SELECT ':''pw''', ':\"who\"';",
    )
  })

  test('without the header everything stays as it is, byte for byte', () => {
    const migration = parse('-- @up\nSELECT :\'who\', :"who";\n')
    expect(bindMigration(migration, values)).toBe(migration)
  })
})

test('values are quoted so that they are one token, whatever is in them', () => {
  expect(quoteValue('a\\b', 'literal')).toBe(" E'a\\\\b'")
  expect(quoteValue("a\\'b", 'literal')).toBe(" E'a\\\\''b'")
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('literal' as const, 'identifier' as const),
      (value, form) => {
        const text = `SELECT${quoteValue(value, form)};`
        const [first, second] = [...tokens(text, { start: 6, end: text.length })]
        expect([first?.kind, second?.kind]).toEqual([
          form === 'literal' ? 'string' : 'quoted_word',
          'semicolon',
        ])
        expect(scanSql(text).statements.filter(({ codeEnd, codeStart }) => codeEnd > codeStart)).toHaveLength(
          1,
        )
      },
    ),
  )
})

test('every section and every statement has its place, and places lead back to the file', () => {
  const text = `-- Variables: [t, v secret]
-- @up
CREATE TABLE :"t" (a text);
INSERT INTO :"t" VALUES (:'v'), (1/0);
-- @down
DROP TABLE :"t";
-- @verify
SELECT count(*) = 2 FROM :"t";
`
  const migration = parse(text)
  const executed = bindMigration(migration, { t: 'a rather long name', v: 'x' })
  const statementsOf = ({ source, up, down, verify }: Migration) =>
    [up, down, verify].flatMap((section) =>
      (section?.statements ?? []).map(({ codeStart, codeEnd }) => source.text.slice(codeStart, codeEnd)),
    )
  expect(statementsOf(executed)).toEqual([
    'CREATE TABLE "a rather long name" (a text);',
    `INSERT INTO "a rather long name" VALUES ('x'), (1/0);`,
    'DROP TABLE "a rather long name";',
    'SELECT count(*) = 2 FROM "a rather long name";',
  ])
  expect(executed.stored && statementsOf(executed.stored.recorded)[1]).toBe(
    `INSERT INTO "a rather long name" VALUES (:'v'), (1/0);`,
  )
  expect(executed.stored?.template).toBe(migration)
  expect(executed.checksum).toBe(migration.checksum)
  const at = executed.source.text.indexOf('1/0')
  const shown = shownPlace(executed.source, { start: at, end: at + 3 })
  expect(shown.source).toBe(migration.source)
  expect(text.slice(shown.span.start, shown.span.end)).toBe('1/0')
  const inside = executed.source.text.indexOf('rather')
  const { span } = shownPlace(executed.source, { start: inside, end: inside + 6 })
  expect(text.slice(span.start, span.start + 4)).toBe(':"t"')
})
