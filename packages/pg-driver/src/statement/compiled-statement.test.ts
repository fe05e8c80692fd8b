import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { defineStatement } from './compiled-statement.ts'

test('a statement is compiled once a schema, and any name of a schema is quoted', () => {
  let built = 0
  const find = defineStatement<{ readonly id: string; readonly limit: number | null }>(
    ({ db, parameter }) => {
      built += 1
      return db
        .selectFrom('schema_migrations')
        .select('status')
        .where('id', '=', parameter('id', 'text'))
        .limit(parameter<number>('limit', 'int8'))
    },
  )
  expect(find('public', { id: 'a', limit: null })).toEqual({
    sql: 'select "status" from "public"."schema_migrations" where "id" = cast($1 as pg_catalog.text) limit cast($2 as pg_catalog.int8)',
    parameters: ['a', null],
    names: ['id', 'limit'],
  })
  expect(find('public', { id: 'b', limit: 2 }).parameters).toEqual(['b', 2])
  expect(built).toBe(1)
  expect(find('My "x"; DROP', { id: 'b', limit: 2 }).sql).toContain(
    'from "My ""x""; DROP"."schema_migrations"',
  )
  expect(built).toBe(2)
})

test('of thousands of schemas, what was compiled for the last ones is kept', () => {
  let built = 0
  const find = defineStatement<object>(({ schema }) => {
    built += 1
    return sql`select ${sql.lit(schema)}`
  })
  for (let place = 0; place < 1000; place += 1) find(`tenant_${place}`, {})
  find('tenant_999', {})
  find('tenant_936', {})
  expect(built).toBe(1000)
  find('tenant_935', {})
  expect(built).toBe(1001)
})

test('a parameter without a value is our bug', () => {
  const find = defineStatement<{ readonly id?: string | null } & { readonly id: string | null }>(
    ({ parameter }) => sql`select ${parameter('id', 'text')}`,
  )
  expect(() => Reflect.apply(find, undefined, ['public', {}])).toThrow(
    new TypeError('the parameter "id" has no value'),
  )
})
