import { createTestDatabase, type TestDatabase } from '@tidemark/test-servers'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { connectToServer } from '../connection/connect.ts'
import type { Connection } from '../connection/connection.ts'
import { inlineParameters } from './inline-parameters.ts'

let database: TestDatabase
let connection: Connection

beforeAll(async () => {
  database = await createTestDatabase()
  connection = await connectToServer({ url: database.url, applicationName: 'inline', timeoutMs: 10_000 })
})
afterAll(async () => {
  await connection.close()
  await database.drop()
})

test('values take the places of parameters, not of what looks like one in names and strings', () => {
  expect(
    inlineParameters({
      sql: `select cast($1 as text), $2, '$1 it''s', "$2""$1", $10`,
      parameters: ["a'b\\c", null, 3, 4, 5, 6, 7, 8, 9, '$1'],
    }),
  ).toBe(`select cast(E'a''b\\\\c' as text), null, '$1 it''s', "$2""$1", E'$1'`)
})

test('a value that has no text form is refused', () => {
  expect(() => inlineParameters({ sql: 'select $1', parameters: [{}] })).toThrow(
    new TypeError('a parameter of type object cannot be inlined'),
  )
})

test.each(['on', 'off'])(
  'the server reads any text back with standard_conforming_strings %s',
  async (setting) => {
    await connection.query(`SET standard_conforming_strings = ${setting}; SET escape_string_warning = off`)
    const text = fc.string({
      unit: fc.oneof(fc.constantFrom('\\', "'", '$1', 'E', '"', '\n', '🌊'), fc.string()),
    })
    await fc.assert(
      fc.asyncProperty(
        text.map((value) => value.replaceAll(/[\0\p{Surrogate}]/gu, '')),
        async (value) => {
          const statement = { sql: 'select cast($1 as pg_catalog.text) as value', parameters: [value] }
          expect((await connection.query(inlineParameters(statement))).rows).toEqual([{ value }])
        },
      ),
    )
  },
)
