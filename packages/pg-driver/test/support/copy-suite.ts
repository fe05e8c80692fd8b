import { afterEach, describe, expect, test } from 'vitest'
import { createHarness, type Files, type Harness, type SuiteEngine } from './engine-harness.ts'

/** What is promised of `COPY … FROM stdin` with inline data, on every engine. */
export function describeCopy(engine: SuiteEngine): void {
  describe(`inline COPY data on ${engine.name}`, () => {
    let harness: Harness | undefined
    const start = async (files: Files) => {
      harness = createHarness(await engine.create(), files)
      return harness
    }
    afterEach(async () => {
      await harness?.database.drop()
      harness = undefined
    })
    const table = 'CREATE TABLE t (a int, b text);\n'

    test('text: escapes, NULL, tabs, backslashes, astral characters, quotes and dollars are data', async () => {
      const h = await start({
        '001_a': `${table}COPY t (a, b) FROM stdin;
1\tit's; $$ -- @down "x" /*
2\t\\N
3\ta\\tb\\\\c\\nd
4\t😀 ä
5\t\\\\x00ff\\001
6\t
\\.
SELECT 1;`,
      })
      await h.up()
      expect(await h.database.query('SELECT b FROM t ORDER BY a')).toEqual([
        { b: `it's; $$ -- @down "x" /*` },
        { b: null },
        { b: 'a\tb\\c\nd' },
        { b: '😀 ä' },
        { b: '\\x00ff\u0001' },
        { b: '' },
      ])
    })

    test('csv: a header, several lines in quotes, and the mark of the end inside them', async () => {
      const h = await start({
        '001_a': `${table}COPY t FROM stdin WITH (FORMAT csv, HEADER true);
a,b
1,"two
lines; -- @down"
2,"before
\\.
after"
3,"\\."
4,""
5,
\\.
COPY t FROM stdin (FORMAT csv, QUOTE '''', ESCAPE '\\', DELIMITER ';');
6;'it\\'s
\\.
so'
\\.
`,
      })
      await h.up()
      expect(await h.database.query('SELECT b FROM t ORDER BY a')).toEqual([
        { b: 'two\nlines; -- @down' },
        { b: 'before\n\\.\nafter' },
        { b: '\\.' },
        { b: '' },
        { b: null },
        { b: "it's\n\\.\nso" },
      ])
    })

    test('bytes that look binary arrive as they are', async () => {
      const h = await start({
        '001_a': `CREATE TABLE t (a int, b bytea);\nCOPY t FROM stdin;\n1\t\\\\x5047434f50590aff0d0a00\n2\t\\\\x\n\\.\n`,
      })
      await h.up()
      expect(await h.database.query("SELECT encode(b, 'hex') AS b FROM t ORDER BY a")).toEqual([
        { b: '5047434f50590aff0d0a00' },
        { b: '' },
      ])
    })

    test('an error in the data is located in its line of the file', async () => {
      const h = await start({ '001_a': `${table}COPY t FROM stdin;\n1\tone\nx\ttwo\n3\tthree\n\\.\n` })
      expect(await h.fail()).toMatchObject({
        code: 'TM5004',
        message: '"001_a" statement 2 of 2: invalid input syntax for type integer: "x"',
        location: { path: 'migrations/001_a.sql', line: 5, column: 1 },
        frame: expect.stringContaining('> 5 │ x\ttwo\n    │ ^'),
        details: { sqlState: '22P02', where: 'COPY t, line 2, column a: "x"' },
      })
      expect(await h.has('t')).toBe(false)
    })

    test('a missing field, a duplicate and a row of CSV are located too', async () => {
      const place = async (sql: string) => {
        if (harness === undefined) await start({})
        const h = harness
        if (h === undefined) throw new TypeError('started above')
        h.files = { '001_a': sql }
        const { location } = await h.fail()
        return `${location?.line}:${location?.column}`
      }
      expect(await place(`${table}COPY t FROM stdin;\n1\tone\n2\n\\.\n`)).toBe('5:1')
      expect(await place('CREATE TABLE t (a int PRIMARY KEY);\nCOPY t FROM stdin;\n1\n2\n1\n\\.\n')).toBe(
        '6:1',
      )
      expect(await place(`${table}COPY t FROM stdin CSV HEADER;\na,b\n1,"x\ny"\nz,1\n\\.\n`)).toBe('7:1')
      expect(await place(`${table}COPY nothing FROM stdin;\n1\tone\n\\.\n`)).toBe('3:1')
    })

    test('large data is streamed, its errors located, and what comes after it runs', async () => {
      const rows = Array.from({ length: 60_000 }, (_, index) => `${index}\trow ${index} 😀`)
      const file = (lines: readonly string[]) =>
        `${table}COPY t FROM stdin;\n${lines.join('\n')}\n\\.\nCREATE TABLE after AS SELECT count(*) AS n FROM t;`
      const h = await start({ '001_a': file(rows.with(50_000, 'x\ty')) })
      expect((await h.fail()).location).toEqual({ path: 'migrations/001_a.sql', line: 50_004, column: 1 })
      expect(await h.has('t')).toBe(false)
      h.files = { '001_a': file(rows) }
      await h.up()
      expect(await h.database.query('SELECT n::int FROM after')).toEqual([{ n: 60_000 }])
    })

    test('of the data its size and hash are stored', async () => {
      const h = await start({ '001_a': `${table}COPY t FROM stdin;\n1\tone\n\\.\n` })
      await h.up()
      expect(await h.database.query('SELECT up_sql FROM schema_migrations')).toEqual([
        {
          up_sql: `${table}COPY t FROM stdin;\n-- tidemark: 6 bytes, sha256 cbb3c4a7eb639f961cabc99c697bdd691b0d3292a3be8366e1cd9cd19ce84201\n\\.`,
        },
      ])
    })
  })
}
