import fc from 'fast-check'
import { expect, test } from 'vitest'
import { nameStatement } from './name-statement.ts'

test.each([
  ["INSERT INTO users VALUES ('Ada')", 'INSERT INTO users'],
  ["UPDATE users SET name = 'Ada' WHERE id = 7", 'UPDATE users'],
  ['CREATE TABLE app."Order" ( a int );', 'CREATE TABLE app."Order"'],
  ['SELECT ada FROM users', 'SELECT'],
  ['SET app.key TO topsecret', 'SET'],
  ["CREATE ROLE ada PASSWORD '***'", 'CREATE ROLE ada PASSWORD'],
  ['(SELECT 1)', 'statement'],
])('%s is named %s', (summary, name) => {
  expect(nameStatement(summary)).toBe(name)
})

test('no literal of a statement is part of its name', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('INSERT INTO t VALUES', 'UPDATE t SET a =', 'DELETE FROM t WHERE a =', 'SELECT'),
      fc.nat(),
      (start, value) => {
        expect(nameStatement(`${start} ${value} '${value}'`)).not.toContain(String(value))
      },
    ),
  )
})
