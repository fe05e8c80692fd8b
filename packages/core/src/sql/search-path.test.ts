import { expect, test } from 'vitest'
import { formatSearchPath, parseSearchPath, readSearchPathSetting, trackingSchemaOf } from './search-path.ts'

test.each([
  ['tenant_a', ['tenant_a']],
  ['tenant_a,public', ['tenant_a', 'public']],
  [' tenant_a ,\tpublic ', ['tenant_a', 'public']],
  ['Tenant-1', ['Tenant-1']],
  ['"a,b",public', ['a,b', 'public']],
  ['" a ","q""q"', [' a ', 'q"q']],
  ['"$user",public', ['$user', 'public']],
  ['$user,public', ['$user', 'public']],
  [
    ['a,b', ' c ', 'x"y', "o'r"],
    ['a,b', ' c ', 'x"y', "o'r"],
  ],
  ['ä'.repeat(31), ['ä'.repeat(31)]],
])('%j is read as %j', (given, names) => {
  expect(parseSearchPath(given)).toEqual({ ok: true, value: names })
})

test.each([
  [''],
  [' '],
  [','],
  ['a,,b'],
  ['a,'],
  [',a'],
  ['"a'],
  ['a"'],
  ['""'],
  [[]],
  [['']],
  [[1]],
  [[undefined]],
  [new Array(2)],
  [null],
  [7],
  [{}],
  [['a\0b']],
  ['a'.repeat(64)],
  ['ä'.repeat(32)],
])('%j is refused', (given) => {
  expect(parseSearchPath(given)).toMatchObject({ ok: false })
})

test('what is written is what the server takes, whatever the names are', () => {
  expect(formatSearchPath(['$user', 'a,b', 'x"; DROP', "o'r"])).toBe('"$user", "a,b", "x""; DROP", "o\'r"')
})

test.each([
  ['Shop, "Shop"', ['shop', 'Shop']],
  ['"$user", public', ['$user', 'public']],
  ['', []],
  ['""', []],
])('the server reads %j as %j', (value, names) => {
  expect(readSearchPathSetting(value)).toEqual(names)
})

test.each([
  [undefined, 'public'],
  [null, 'public'],
  [['tenant_a', 'public'], 'tenant_a'],
  [['$user', 'public'], 'public'],
])('with the search path %j the tracking tables are in %s', (searchPath, schema) => {
  expect(trackingSchemaOf(searchPath)).toBe(schema)
})
