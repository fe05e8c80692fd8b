import { expect, test } from 'vitest'
import { schemaOf, wholeOf } from './place.ts'

const object = (kind: string, id: string, facets: Record<string, string> = {}) => ({
  kind,
  id,
  facets: new Map(Object.entries(facets)),
})

test.each([
  ['table', 'public.users', 'public', null],
  ['schema', 'app', 'app', null],
  ['column', 'public.users.email', 'public', 'public.users'],
  ['column', '"my.schema"."a ""b"" c".x', '"my.schema"', '"my.schema"."a ""b"" c"'],
  ['constraint', 'public.users users_pkey', 'public', 'public.users'],
  ['trigger', 'public."Order items" "a b"', 'public', 'public."Order items"'],
  ['function', 'app.f(integer, app.kind)', 'app', null],
  ['operator', 'app.+(app.point,app.point)', 'app', null],
  ['operator class', 'app.ops using btree', 'app', null],
  ['domain constraint', 'app.email email_check', 'app', 'app.email'],
  ['default privileges', 'for ada in app on tables', 'app', null],
  ['default privileges', 'for "in app" on tables', null, null],
  ['cast', 'app.a as text', null, null],
  ['publication', 'news', null, null],
  ['privileges', 'on function extensions.digest(text, text)', 'extensions', null],
  ['privileges', 'on materialized view "A b".v', '"A b"', null],
])('%s %s is in %s, of %s', (kind, id, schema, whole) => {
  expect(schemaOf({ kind, id })).toBe(schema)
  expect(wholeOf(object(kind, id))).toBe(whole)
})

test('an index is of its table, a sequence of the table of its column', () => {
  expect(wholeOf(object('index', 'app.i', { table: 'app.t' }))).toBe('app.t')
  expect(wholeOf(object('sequence', 'app.s', { 'owned by': 'app.t.id' }))).toBe('app.t')
  expect(wholeOf(object('sequence', 'app.s', { 'identity of': 'app."T".id' }))).toBe('app."T"')
  expect(wholeOf(object('sequence', 'app.s'))).toBeNull()
})
