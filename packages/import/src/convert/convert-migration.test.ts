import { formatDiagnostic } from '@tidemark/core'
import { expect, test } from 'vitest'
import { type ForeignMigration, wholeFile } from '../foreign/foreign-project.ts'
import { convertMigration } from './convert-migration.ts'

function convert(text: string, more: Partial<ForeignMigration> = {}, down?: string) {
  const file = (name: string, content: string) => wholeFile({ name, path: `old/${name}`, text: content })
  const migration: ForeignMigration = {
    version: '1',
    name: '1_a',
    description: undefined,
    up: file('1_a.sql', text),
    down: down === undefined ? undefined : file('1_a.down.sql', down),
    transaction: 'required',
    run: 'once',
    ...more,
  }
  const place = { id: '1_a', path: 'new/1_a.sql', dependsOn: ['0_z'], trackingSchema: 'public' }
  const { text: written, findings } = convertMigration(migration, place)
  const [, body = ''] = written.split(/(?<=^-- Depends on: \[0_z\]\n)/m)
  return { body, findings: findings.map((finding) => formatDiagnostic(finding).split('\n')[0]) }
}

test('what needs nothing stays byte for byte between the markers', () => {
  const up = "-- keep\n\nCREATE TABLE a (b int);\t\nSELECT '-- @down';\n"
  expect(convert(up, {}, 'DROP TABLE a;')).toEqual({
    body: `\n-- @up\n${up}\n-- @down\nDROP TABLE a;\n`,
    findings: [],
  })
})

test('a wrapper is taken off with its lines, comments beside it stay', () => {
  expect(convert('begin; -- first\nCREATE TABLE a ();\nCOMMIT;\n')).toEqual({
    body: '\n-- @up\n -- first\nCREATE TABLE a ();\n',
    findings: ['old/1_a.sql:1:1 note TM7032: BEGIN and COMMIT around the file are removed'],
  })
})

test('several transactions become one, and that is said', () => {
  expect(convert('BEGIN;\nSELECT 1;\nEND;\nSTART TRANSACTION;\nSELECT 2;\nCOMMIT WORK;\n')).toEqual({
    body: '\n-- @up\nSELECT 1;\nSELECT 2;\n',
    findings: [
      'old/1_a.sql:1:1 warning TM7033: BEGIN and COMMIT are removed: the whole file is one transaction now',
    ],
  })
})

test.each(['ROLLBACK;', 'COMMIT;\nSELECT 2;', 'BEGIN;', 'BEGIN;\nSELECT 2;\nCOMMIT AND CHAIN;'])(
  'transaction words without a plain meaning stay and are refused: %s',
  (words) => {
    const { body, findings } = convert(`SELECT 1;\n${words}\n`)
    expect(body).toBe(`\n-- @up\nSELECT 1;\n${words}\n`)
    expect(findings[0]).toContain('error TM1018')
  },
)

test('a COMMIT that leaves the transaction of the other tool goes, since there is none to leave', () => {
  const index = 'CREATE INDEX CONCURRENTLY i ON a (b);\n'
  expect(convert(`SELECT 1;\nCOMMIT;\nSET lock_timeout = 0;\n${index}`)).toEqual({
    body: `-- Transaction: none\n\n-- @up\nSELECT 1;\nSET lock_timeout = 0;\n${index}`,
    findings: [
      'old/1_a.sql:2:1 note TM7032: a COMMIT that ended the transaction around the file is removed',
      'old/1_a.sql:4:1 warning TM7033: CREATE INDEX CONCURRENTLY needs "Transaction: none": the 2 other statements of the file run without one too',
    ],
  })
  expect(convert(`${index}COMMIT;\n`)).toEqual({
    body: `-- Transaction: none\n\n-- @up\n${index}`,
    findings: ['old/1_a.sql:2:1 note TM7032: a COMMIT that ended the transaction around the file is removed'],
  })
})

test('a lone COMMIT at the end goes, since nothing follows it', () => {
  const kept = 'CREATE TABLE a ();\n\n-- done\n'
  expect(convert('CREATE TABLE a ();\n\nCOMMIT;\n-- done\n', {}, 'DROP TABLE a;\nEND;\n')).toEqual({
    body: `\n-- @up\n${kept}\n-- @down\nDROP TABLE a;\n`,
    findings: [
      'old/1_a.sql:3:1 note TM7032: a COMMIT that ended the transaction around the file is removed',
      'old/1_a.down.sql:2:1 note TM7032: a COMMIT that ended the transaction around the file is removed',
    ],
  })
})

test('the mode of a transaction that is removed is reported', () => {
  expect(convert('BEGIN ISOLATION LEVEL SERIALIZABLE;\nSELECT 1;\nCOMMIT;\n').findings).toEqual([
    'old/1_a.sql:1:1 note TM7032: BEGIN and COMMIT around the file are removed',
    'old/1_a.sql:1:1 warning TM7033: its transaction mode is lost: BEGIN ISOLATION LEVEL SERIALIZABLE;',
  ])
})

test('BEGIN in a function body is none of it', () => {
  const up = 'CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$\nBEGIN\nCOMMIT;\nEND\n$$;\n'
  expect(convert(up)).toEqual({ body: `\n-- @up\n${up}`, findings: [] })
})

test('a file that refuses a transaction gets none, mixed with others it is reported', () => {
  const index = 'CREATE INDEX CONCURRENTLY i ON a (b);\n'
  expect(convert(index)).toEqual({ body: `-- Transaction: none\n\n-- @up\n${index}`, findings: [] })
  expect(convert(`SELECT 1;\n${index}`).findings).toEqual([
    'old/1_a.sql:2:1 warning TM7033: CREATE INDEX CONCURRENTLY needs "Transaction: none": the other statement of the file runs without a transaction too',
  ])
})

test('a comment that would be a marker is disarmed, those in bodies stay', () => {
  expect(
    convert('-- @down\nSELECT 1;\n--@Verify that\n-- @dwon\n-- @omit\nSELECT $$\n-- @up\n$$;\n').body,
  ).toBe('\n-- @up\n-- \\@down\nSELECT 1;\n--\\@Verify that\n-- \\@dwon\n-- @omit\nSELECT $$\n-- @up\n$$;\n')
})

test('psql lines about output become comments, others are refused', () => {
  const { body, findings } = convert('\\set ON_ERROR_STOP 1\n\\echo hi\nSELECT 1;\n\\i other.sql\n')
  expect(body).toBe('\n-- @up\n-- \\set ON_ERROR_STOP 1\n-- \\echo hi\nSELECT 1;\n\\i other.sql\n')
  expect(findings.at(-1)).toContain('error TM1023')
})

test('a file without a statement does nothing, said in SQL', () => {
  expect(convert('-- nothing yet').body).toBe('\n-- @up\n-- nothing yet\nSELECT 1;\n')
  expect(convert('').body).toBe('\n-- @up\nSELECT 1;\n')
})

test('a way back without a statement does nothing, as with the other tool; its comments stay', () => {
  const note = 'note TM7032: rolling it back does nothing, as with the other tool: "SELECT 1;" is added'
  expect(convert('SELECT 1;\n', {}, '-- nothing to take back\n')).toEqual({
    body: '\n-- @up\nSELECT 1;\n\n-- @down\n-- nothing to take back\nSELECT 1;\n',
    findings: [`old/1_a.down.sql ${note}`],
  })
  expect(convert('SELECT 1;\n', {}, ' \n').body).toBe('\n-- @up\nSELECT 1;\n\n-- @down\nSELECT 1;\n')
})

test('data of a COPY stays as it is', () => {
  const up = 'COPY a FROM stdin;\nBEGIN;\n-- @down\n\\echo\n\\.\n'
  expect(convert(up)).toEqual({ body: `\n-- @up\n${up}`, findings: [] })
})
