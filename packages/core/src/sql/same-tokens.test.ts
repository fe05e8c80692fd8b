import { expect, it } from 'vitest'
import { sameTokens } from './same-tokens.ts'

it.each([
  ['comments and white space', 'SELECT 1; -- one', '/* a */\nSELECT\r\n\t1\n;'],
  ['the case of keywords and unquoted identifiers', 'SELECT Id FROM Users', 'select id from users'],
  ['space around punctuation', 'SELECT f( a,b )::int', 'SELECT f(a, b) :: int'],
  ['a sign that is no part of an operator', 'SELECT 1*-2', 'SELECT 1 * -2'],
  ['how a string is continued', "SELECT 'a'\n'b'", "SELECT 'a' -- c\n\n  'b'"],
  ['the key that pg_dump writes', '\\restrict a\nSELECT 1;', '\\restrict b\nSELECT 1;'],
])('%s make no difference', (_, a, b) => {
  expect(sameTokens(a, b)).toBe(true)
  expect(sameTokens(b, a)).toBe(true)
})

it.each([
  ['a literal', "SELECT 'a'", "SELECT 'A'"],
  ['white space in a literal', "SELECT 'a b'", "SELECT 'a  b'"],
  ['a comment in a body', 'DO $$ -- a\n$$', 'DO $$ -- b\n$$'],
  ['a number', 'SELECT 1', 'SELECT 2'],
  ['quotes around an identifier', 'SELECT a', 'SELECT "a"'],
  ['the case of a quoted identifier', 'SELECT "a"', 'SELECT "A"'],
  ['the case of a letter beyond ASCII', 'SELECT ä', 'SELECT Ä'],
  ['a word cut in two', 'SELECT ab', 'SELECT a b'],
  ['a number cut in two', 'SELECT 1.5', 'SELECT 1 .5'],
  ['an operator cut in two', 'SELECT a <= b', 'SELECT a < = b'],
  ['two strings on one line', "SELECT 'a'\n'b'", "SELECT 'a' 'b'"],
  ['the prefix of a string', "SELECT E'a'", "SELECT e 'a'"],
  ['one statement more', 'SELECT 1;', 'SELECT 1; SELECT 1;'],
  ['a semicolon moved', 'SELECT 1; + 2', 'SELECT 1 + 2;'],
  ['COPY data', 'COPY t FROM stdin;\n1\n\\.\n', 'COPY t FROM stdin;\n2\n\\.\n'],
])('%s makes a difference', (_, a, b) => {
  expect(sameTokens(a, b)).toBe(false)
  expect(sameTokens(b, a)).toBe(false)
})
