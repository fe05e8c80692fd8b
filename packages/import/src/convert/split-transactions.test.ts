import { expect, test } from 'vitest'
import { importMigrations } from '../import-migrations.ts'

function importPlain(files: Readonly<Record<string, string>>) {
  const { migrations } = importMigrations({
    format: 'plain',
    files: Object.entries(files).map(([name, text]) => ({ name, path: `old/${name}`, text })),
    out: 'new',
    trackingSchema: 'public',
  })
  return {
    parts: migrations.map(({ id, text, transaction }) => {
      const [header = '', body = ''] = text.split('\n-- @up\n')
      const [, dependsOn] = /Depends on: (.*)/.exec(header) ?? []
      return [id, dependsOn, transaction, body]
    }),
    findings: migrations.flatMap(({ findings }) =>
      findings.map(({ code, severity, message }) => `${severity} ${code}: ${message}`),
    ),
  }
}

test('a file that commits several times is split at its own boundaries, in order', () => {
  const file =
    "BEGIN;\nALTER TYPE mood ADD VALUE 'fine';\nCOMMIT;\n-- can be used now\nBEGIN;\nCREATE INDEX i ON t (m) WHERE m = 'fine';\nCOMMIT;\n"
  const result = importPlain({ '1_a.sql': 'SELECT 1;\n', '2_b.sql': file, '3_c.sql': 'SELECT 3;\n' })
  expect(result.parts).toEqual([
    ['1_a', '[]', 'required', 'SELECT 1;\n'],
    ['2_b', '[1_a]', 'required', "ALTER TYPE mood ADD VALUE 'fine';\n"],
    ['2_b-2', '[2_b]', 'required', "-- can be used now\nCREATE INDEX i ON t (m) WHERE m = 'fine';\n"],
    ['3_c', '[2_b-2]', 'required', 'SELECT 3;\n'],
  ])
  expect(result.findings).toEqual([
    'note TM7032: it is split at its own BEGIN and COMMIT: it becomes 2 files',
    'note TM7032: BEGIN and COMMIT around the file are removed',
    'note TM7032: BEGIN and COMMIT around the file are removed',
  ])
})

test('what refuses a transaction between two becomes a part without one', () => {
  const file =
    'BEGIN;\nSELECT 1;\nCOMMIT; -- done\nCREATE INDEX CONCURRENTLY i ON t (a);\nSTART TRANSACTION;\nSELECT 2;\nEND;\n-- last\n'
  expect(importPlain({ '1_a.sql': file }).parts).toEqual([
    ['1_a', '[]', 'required', 'SELECT 1;\n -- done\n'],
    ['1_a-2', '[1_a]', 'none', 'CREATE INDEX CONCURRENTLY i ON t (a);\n'],
    ['1_a-3', '[1_a-2]', 'required', 'SELECT 2;\n-- last\n'],
  ])
})

test('one transaction and an index beside it are two parts; settings go with what follows', () => {
  const file = "SET lock_timeout = '1s';\nBEGIN;\nSELECT 1;\nCOMMIT;\nDROP INDEX CONCURRENTLY i;\n"
  expect(importPlain({ '1_a.sql': file }).parts.map(([id, , transaction]) => [id, transaction])).toEqual([
    ['1_a', 'required'],
    ['1_a-2', 'none'],
  ])
})

test('what the session was set to holds in every later part', () => {
  const file =
    'CREATE SCHEMA app;\nSET search_path = app;\nBEGIN;\nSET LOCAL lock_timeout = 1;\nCREATE TABLE a ();\nCOMMIT;\nBEGIN;\nCREATE TABLE b ();\nCOMMIT;\n'
  expect(importPlain({ '1_a.sql': file }).parts.map(([id, , , body]) => [id, body])).toEqual([
    ['1_a', 'CREATE SCHEMA app;\n'],
    ['1_a-2', 'SET search_path = app;\nSET LOCAL lock_timeout = 1;\nCREATE TABLE a ();\n'],
    ['1_a-3', 'SET search_path = app;\nCREATE TABLE b ();\n'],
  ])
})

test('the first part has the way back of the whole, the others do nothing', () => {
  const result = importPlain({
    '1_a.up.sql': 'BEGIN;\nCREATE TABLE a ();\nCOMMIT;\nBEGIN;\nCREATE TABLE b ();\nCOMMIT;\n',
    '1_a.down.sql': 'DROP TABLE b, a;\n',
  })
  expect(result.parts.map(([id, , , body]) => [id, body])).toEqual([
    ['1_a', 'CREATE TABLE a ();\n\n-- @down\nDROP TABLE b, a;\n'],
    ['1_a-2', 'CREATE TABLE b ();\n\n-- @down\nSELECT 1;\n'],
  ])
})

test('a name that is taken by another file is not given to a part', () => {
  const file = 'BEGIN;\nSELECT 1;\nCOMMIT;\nBEGIN;\nSELECT 2;\nCOMMIT;\n'
  const { parts } = importPlain({ '1_a.sql': file, '1_a-2.sql': 'SELECT 3;\n' })
  expect(new Set(parts.map(([id]) => id)).size).toBe(3)
})
