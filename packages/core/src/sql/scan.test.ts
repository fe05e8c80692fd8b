import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hasCode } from './has-code.ts'
import { scanSql } from './scan.ts'
import type { SqlScan } from './statement.ts'

function split(text: string, options = {}): readonly string[] {
  return codesOf(text, scanSql(text, options))
}

function codesOf(text: string, scan: SqlScan): readonly string[] {
  return scan.statements
    .filter((statement) => hasCode(text, statement))
    .map((statement) => text.slice(statement.codeStart, statement.codeEnd))
}

function problemsOf(text: string) {
  return scanSql(text).problems.map((problem) => {
    const what = problem.kind === 'unterminated' ? problem.what : problem.kind
    return [what, text.slice(problem.span.start, problem.span.end), problem.span.start]
  })
}

describe('one statement stays one', () => {
  it.each([
    ['a semicolon in a string', "SELECT ';';"],
    ['a doubled quote', "SELECT 'it''s;';"],
    ['a backslash at the end of a standard string', "SELECT '\\';"],
    ['a backslash before a quote in E', "SELECT E'\\';';"],
    ['an even number of backslashes in E', "SELECT e'\\\\';"],
    ['U& with UESCAPE', "SELECT U&'d!0061t;\\' UESCAPE '!';"],
    ['a U& identifier', 'SELECT U&"d\\0061t;\\";'],
    ['B, X and N', "SELECT B'1;', x'F;', n';';"],
    ['a continued E string', "SELECT E'a'\n  '\\';';"],
    ['a continued E string with a comment between', "SELECT E'a' -- ;'\n'\\';';"],
    ['a quoted identifier', 'SELECT ";""--;" FROM t;'],
    ['a dollar-quoted string', 'SELECT $$;$$;'],
    ['a tagged one with another inside', "SELECT $a$ ; $b$ ; $$ ' $b$ $a$;"],
    ['a tag beyond ASCII', 'SELECT $größe$;$größe$;'],
    ['a dollar quote right after a number', 'SELECT 1$a$;$a$;'],
    ['an identifier with dollar signs', 'SELECT a$b$c, d$b$e;'],
    ['an identifier that ends in dollars', 'SELECT a$$, b$$;'],
    ['parameters', 'SELECT $1, $2;'],
    ['a parameter before a dollar quote', 'SELECT $1$a$;$a$;'],
    ['nested comments', 'SELECT /* ; /* ; */ ; */ 1;'],
    ['a comment right after an operator', "SELECT 1+/* ;' */2 *-- ;\n3;"],
    ['a quote in a comment', "SELECT 1 -- it's\n;"],
    ['a rule with several actions', 'CREATE RULE r AS ON INSERT TO t DO (DELETE FROM a; DELETE FROM b;);'],
    ['a function named fn_atomic', 'CREATE FUNCTION fn_atomic() RETURNS int LANGUAGE sql RETURN 1;'],
    ['columns named pending and append', 'SELECT pending, append, "end", t.end FROM begin_end;'],
    ['a lone surrogate', "SELECT '\ud800;';"],
    ['astral characters', "SELECT '😀;' AS 😀;"],
  ])('%s', (_, text) => {
    expect(split(text)).toEqual([text])
    expect(scanSql(text).problems).toEqual([])
  })
})

describe('BEGIN ATOMIC', () => {
  const body = (inside: string, head = 'CREATE FUNCTION f() RETURNS int') =>
    `${head} BEGIN ATOMIC ${inside} END;`

  it.each([
    body('SELECT 1; SELECT 2;'),
    body(''),
    body('SELECT CASE WHEN a THEN b ELSE c END; SELECT 1;'),
    body('SELECT CASE WHEN a THEN CASE b WHEN 1 THEN 2 END END; SELECT (CASE WHEN x THEN 1 END);'),
    body('SELECT 1 AS end; SELECT t.end, t.case, t.begin FROM t; SELECT 1 AS "end";'),
    body('SELECT 1 end; SELECT (SELECT 1 case) end;'),
    body('SELECT atomic, begin FROM t; SELECT begin atomic FROM t;'),
    body('SELECT CASE atomic WHEN 1 THEN atomic END; INSERT INTO t VALUES (1); RETURN 1;'),
    body("SELECT ';END;', $$END;$$; /* END; */ -- END;\n SELECT 2;"),
    body('SELECT 1;', 'create or replace procedure begin.atomic(begin atomic)'),
    body('SELECT 1;', "CREATE FUNCTION f(a int DEFAULT 1) RETURNS begin SET x = 'atomic'"),
    'CREATE FUNCTION f() RETURNS int BEGIN /* here */ ATOMIC\nSELECT 1;\nEND;',
    body(body('SELECT 1;', 'CREATE FUNCTION g() RETURNS int')),
  ])('%s', (text) => {
    expect(split(`${text}\nSELECT 3;`)).toEqual([text, 'SELECT 3;'])
  })

  it('is read in CREATE FUNCTION and CREATE PROCEDURE only', () => {
    expect(split('SELECT begin atomic FROM t; SELECT 1; BEGIN; SELECT 2; END;')).toEqual([
      'SELECT begin atomic FROM t;',
      'SELECT 1;',
      'BEGIN;',
      'SELECT 2;',
      'END;',
    ])
  })

  it('is not opened by a plpgsql body', () => {
    const text = 'CREATE FUNCTION f() RETURNS trigger AS $$ BEGIN RETURN NEW; END $$ LANGUAGE plpgsql;'
    expect(split(`${text} SELECT 1;`)).toEqual([text, 'SELECT 1;'])
  })
})

describe('COPY data', () => {
  const dataOf = (text: string) =>
    scanSql(text).statements.flatMap(({ copyData }) =>
      copyData === undefined ? [] : [text.slice(copyData.start, copyData.end)],
    )

  it.each([
    [
      'text with quotes, semicolons and marks',
      "COPY t FROM stdin;\n1\tit's; $$ /* -- @down\n\\.\n",
      "1\tit's; $$ /* -- @down\n",
    ],
    ['columns and options', 'copy s.t (a, "b") from STDIN WITH (FORMAT csv);\n"a;\n1"\n\\.\n', '"a;\n1"\n'],
    ['no rows', 'COPY t FROM stdin;\n\\.\n', ''],
    ['a mark inside the quotes of CSV', 'COPY t FROM stdin CSV;\n1,"a\n\\.\nb"\n\\.\n', '1,"a\n\\.\nb"\n'],
    [
      'a mark inside quotes that options name',
      "COPY t FROM stdin WITH (FORMAT 'csv', QUOTE '''', ESCAPE E'\\\\');\n'a\\'\n\\.\nb'\n\\.\n",
      "'a\\'\n\\.\nb'\n",
    ],
    ['a mark beside a quote of text', 'COPY csv FROM stdin;\n1\t"a\n\\.\n', '1\t"a\n'],
    ['a backslash and a point within a line', 'COPY t FROM stdin;\na\\.\n\\.b\n\\.\n', 'a\\.\n\\.b\n'],
    ['CRLF', 'COPY t FROM stdin;\r\n1\r\n\\.\r\n', '1\r\n'],
    ['a comment after the statement', 'COPY t FROM stdin; -- rows\n1\n\\.\n', '1\n'],
    ['a column named from', 'COPY t.from FROM stdin;\n1\n\\.\n', '1\n'],
    ['the end of the text right after the mark', 'COPY t FROM stdin;\n1\n\\.', '1\n'],
  ])('%s', (_, text, data) => {
    expect(dataOf(text)).toEqual([data])
    expect(split(`${text}\nSELECT 1;`).at(-1)).toBe('SELECT 1;')
    expect(scanSql(text).problems).toEqual([])
  })

  it.each([
    "COPY t FROM '/tmp/file';\nSELECT 1;",
    "COPY t FROM PROGRAM 'stdin';\nSELECT 1;",
    'COPY t TO stdout;\nSELECT 1;',
    'COPY (SELECT * FROM stdin) TO stdout;\nSELECT 1;',
    "SELECT 'COPY t FROM stdin';\nSELECT 1;",
    'COMMENT ON TABLE copy IS $$FROM stdin$$;\nSELECT 1;',
  ])('is not looked for after %s', (text) => {
    expect(dataOf(text)).toEqual([])
    expect(split(text)).toEqual(text.split('\n'))
  })

  it('that never ends is a problem at the statement', () => {
    expect(problemsOf('SELECT 1; COPY t FROM stdin;\n1\n')).toEqual([['copy_data', 'COPY t FROM stdin;', 10]])
  })

  it('begins on the next line, and code before it is a problem', () => {
    expect(problemsOf('COPY t FROM stdin; SELECT 1;\n1\n\\.\n')).toEqual([
      ['code_after_copy', 'SELECT 1;', 19],
    ])
  })
})

describe('what never ends is diagnosed at its opening', () => {
  it.each([
    ["SELECT 1; SELECT 'abc; SELECT 2;", 'string', "'", 17],
    ["SELECT E'abc\\'; SELECT 2;", 'string', "E'", 7],
    ["SELECT U&'abc; SELECT 2;", 'string', "U&'", 7],
    ['SELECT "abc; SELECT 2;', 'identifier', '"', 7],
    ['SELECT $fn$ abc $fm$; $$', 'dollar_quote', '$fn$', 7],
    ['SELECT 1; /* a /* b */ SELECT 2;', 'comment', '/*', 10],
    ['CREATE TABLE t (a int, b numeric(1); SELECT 2;', 'parenthesis', '(', 15],
    ['CREATE FUNCTION f() BEGIN ATOMIC SELECT 1; SELECT 2;', 'atomic_body', 'BEGIN ATOMIC', 20],
    ['CREATE FUNCTION f() BEGIN ATOMIC SELECT (1; END;', 'parenthesis', '(', 40],
  ])('%s', (text, what, opening, start) => {
    expect(problemsOf(text)).toEqual([[what, opening, start]])
  })

  it('finds the first NUL anywhere', () => {
    expect(problemsOf("SELECT 'a\0b\0'")).toEqual([['nul', '\0', 9]])
  })
})

describe('psql lines', () => {
  it('between statements are taken out, and inside of one are kept apart', () => {
    const text = '\\restrict abc;\nSELECT 1;\n \\connect x\nSELECT 2 \\gset\n;'
    const scan = scanSql(text)
    expect(codesOf(text, scan)).toEqual(['SELECT 1;', 'SELECT 2 \\gset\n;'])
    expect(
      scan.psqlLines.map(({ command, place, start, end }) => [command, place, text.slice(start, end)]),
    ).toEqual([
      ['restrict', 'between', '\\restrict abc;'],
      ['connect', 'between', '\\connect x'],
      ['gset', 'inside', '\\gset'],
    ])
  })
})

describe('markers', () => {
  const markersOf = (text: string) =>
    scanSql(text, { markers: true }).markers.map(({ name, place, start }) => [name, place, start])

  it('end a statement that has no semicolon, and stand in an entry of their own', () => {
    const text = '-- Type: x\n-- @up\nSELECT 1\n  --@DOWN  \r\nSELECT 2;\n'
    const scan = scanSql(text, { markers: true })
    expect(markersOf(text)).toEqual([
      ['up', 'top', 11],
      ['down', 'top', 29],
    ])
    expect(scan.statements.map(({ start, end }) => text.slice(start, end))).toEqual([
      '-- Type: x\n',
      '-- @up\n',
      'SELECT 1\n',
      '  --@DOWN  \r\n',
      'SELECT 2;',
      '\n',
    ])
    expect(codesOf(text, scan)).toEqual(['SELECT 1', 'SELECT 2;'])
  })

  it.each([
    "SELECT '\n-- @down\n';",
    'SELECT "\n-- @down\n";',
    'SELECT $$\n-- @down\n$$;',
    'SELECT 1 /*\n-- @down\n*/;',
    'COPY t FROM stdin;\n-- @down\n\\.\n',
  ])('are none inside of %j', (text) => {
    expect(markersOf(text)).toEqual([])
  })

  it('in parentheses or in a BEGIN ATOMIC body are marked as inside', () => {
    expect(markersOf('SELECT (1\n-- @down\n);')).toEqual([['down', 'inside', 10]])
    expect(markersOf('CREATE FUNCTION f() BEGIN ATOMIC\n-- @down\nSELECT 1; END;')).toEqual([
      ['down', 'inside', 33],
    ])
  })

  it('with text after the word, or code before it, are reported as loose', () => {
    const text = '-- @down drops it\nSELECT 1; -- @down\n'
    const scan = scanSql(text, { markers: true })
    expect(scan.markers).toEqual([])
    expect(scan.looseMarkers).toEqual([
      { start: 0, end: 8, name: 'down', reason: 'text_after' },
      { start: 28, end: 36, name: 'down', reason: 'code_before' },
    ])
  })

  it('are comments unless asked for', () => {
    expect(split('SELECT 1\n-- @down\n+ 2;')).toEqual(['SELECT 1\n-- @down\n+ 2;'])
  })

  it('end a string that would be continued beyond them', () => {
    const text = "SELECT E'a'\n-- @down\n'\\';SELECT 1;"
    expect(split(text, { markers: true })).toEqual(["SELECT E'a'", "'\\';", 'SELECT 1;'])
  })
})

describe('any text', () => {
  const piece = fc.constantFrom(
    ..."' '' \" $ $$ $a$ $1 a$b E' U&' \\ -- /* */ ( ) ; \n \r\n \t begin atomic end case create function or replace copy from stdin \\. @up @down t 1 1e+ .5 :: + - 😀 \0 ä".split(
      ' ',
    ),
    ' ',
    '\n-- @up\n',
    ';\n',
    'CREATE FUNCTION f() BEGIN ATOMIC ',
    'COPY t FROM stdin;\n',
  )
  const anyText = fc.oneof(
    fc.array(piece, { maxLength: 60 }).map((pieces) => pieces.join('')),
    fc.array(piece, { maxLength: 60 }).map((pieces) => pieces.join(' ')),
    fc.string({ unit: 'binary' }),
  )

  it('is tiled by its statements, in order and without gaps', () => {
    fc.assert(
      fc.property(anyText, fc.boolean(), (text, markers) => {
        const { statements } = scanSql(text, { markers })
        expect(statements.map(({ start, end }) => text.slice(start, end)).join('')).toBe(text)
        let at = 0
        for (const statement of statements) {
          expect(statement.start).toBe(at)
          expect(statement.end).toBeGreaterThan(at)
          expect(statement.codeStart).toBeGreaterThanOrEqual(statement.start)
          expect(statement.codeEnd).toBeGreaterThanOrEqual(statement.codeStart)
          expect(statement.end).toBeGreaterThanOrEqual(statement.codeEnd)
          at = statement.end
        }
        expect(at).toBe(text.length)
      }),
      { numRuns: 3000 },
    )
  })

  it('splits the same when a statement is taken by itself', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        for (const statement of scanSql(text).statements) {
          if (!statement.terminated) continue
          const alone = text.slice(statement.start, statement.end)
          expect(scanSql(alone).statements.length).toBe(1)
        }
      }),
      { numRuns: 3000 },
    )
  })

  it('has its top-level markers at statement boundaries', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const { statements, markers } = scanSql(text, { markers: true })
        const starts = new Set(statements.map(({ start }) => start))
        for (const marker of markers.filter(({ place }) => place === 'top')) {
          expect(starts.has(marker.line.start)).toBe(true)
          expect(marker.line.end === text.length || starts.has(marker.line.end)).toBe(true)
        }
      }),
      { numRuns: 3000 },
    )
  })
})

describe('large texts', () => {
  it('of one statement of 50 MB are one statement', () => {
    const text = `INSERT INTO t VALUES ('${"x''y".repeat(12_500_000)}');`
    expect(scanSql(text).statements).toEqual([
      { start: 0, end: text.length, codeStart: 0, codeEnd: text.length, terminated: true },
    ])
  })

  it('of 200,000 statements are 200,000 statements', () => {
    expect(scanSql('SELECT 1;\n'.repeat(200_000)).statements.length).toBe(200_001)
  })

  it.each([
    '(',
    '/*',
    '$a',
    "'",
    "E'\\",
    '--',
    '"',
    '$$',
    ' ',
    '$1',
    '/',
    '-',
    'BEGIN ATOMIC ',
    '\\.',
    '@',
    '\n--',
  ])('of a million times %j are read to the end', (piece) => {
    const text = `CREATE FUNCTION f() ${piece.repeat(1_000_000)}`
    expect(scanSql(text, { markers: true }).statements.at(-1)?.end).toBe(text.length)
  })

  it('of 300,000 nested BEGIN ATOMIC bodies are read without recursion', () => {
    const text = 'CREATE FUNCTION f() BEGIN ATOMIC '.repeat(300_000)
    expect(scanSql(text).problems.map(({ kind }) => kind)).toEqual(['unterminated'])
  })
})
