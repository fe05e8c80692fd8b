import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { MigrationHeader } from '../model/migration.ts'
import { MIGRATION_TYPES } from '../model/migration-words.ts'
import { parseMigration } from '../parse-migration.ts'
import { formatHeader } from './format-header.ts'

const DEFAULTS: MigrationHeader = {
  description: 'create orders',
  type: 'custom_sql',
  dependsOn: [],
  transaction: 'required',
  run: 'once',
  lockTimeoutMs: null,
  statementTimeoutMs: null,
  role: null,
  blocking: true,
  replaces: [],
  tags: [],
}

test('a file without a header has every default, and its id in words as description', () => {
  expect(parse('')).toEqual({ header: DEFAULTS, dependsOnSpans: [], codes: [] })
})

test('every key is read, in any order, case and spacing', () => {
  const parsed = parse(`--TAGS: [billing,users]
--   lock  Timeout :500ms
-- statement timeout: 2min
-- Role: app owner
-- BLOCKING: False
-- run: on_change
-- transaction: NONE
-- replaces: 001_a , 002_b
-- Depends On: [003_c]
-- type:insert_data
-- description: Orders: what people buy
-- migration: 007_create_orders
`)
  expect(parsed.codes).toEqual([])
  expect(parsed.header).toEqual({
    description: 'Orders: what people buy',
    type: 'insert_data',
    dependsOn: ['003_c'],
    transaction: 'none',
    run: 'on_change',
    lockTimeoutMs: 500,
    statementTimeoutMs: 120_000,
    role: 'app owner',
    blocking: false,
    replaces: ['001_a', '002_b'],
    tags: ['billing', 'users'],
  })
})

test('environments are read where they are named, and a list of none is refused', () => {
  expect(parse('-- Environments: [development, test]\n').header?.environments).toEqual([
    'development',
    'test',
  ])
  expect(parse('-- environments: test\n').header?.environments).toEqual(['test'])
  expect(parse('').header).not.toHaveProperty('environments')
  for (const none of ['[]', '', '[ , ]'])
    expect(parse(`-- Environments: ${none}\n`).codes[0]).toMatch(/^TM1009/)
  expect(parse('-- Environment: [test]\n').codes).toEqual(['TM1005 4'])
  expect(parse('-- Environments: [a b]\n').codes).toEqual(['TM1009 21'])
})

test('a list goes on over comment lines while its bracket is open, and every id has its place', () => {
  const text = '-- Depends on: [001_a,\n--   002_b,\n--   003_c,\n-- ]\n-- Tags: [x]\n'
  const parsed = parse(text)
  expect(parsed.codes).toEqual([])
  expect(parsed.header?.dependsOn).toEqual(['001_a', '002_b', '003_c'])
  expect(parsed.header?.tags).toEqual(['x'])
  expect(parsed.dependsOnSpans?.map(({ start, end }) => text.slice(start, end))).toEqual([
    '001_a',
    '002_b',
    '003_c',
  ])
})

test('a bare list ends with its line', () => {
  expect(parse('-- Depends on: 001_a, 002_b\n-- 003_c is history\n').header?.dependsOn).toEqual([
    '001_a',
    '002_b',
  ])
  expect(parse('-- Depends on:\n').header?.dependsOn).toEqual([])
})

test.each(['[001_a]', '- 001_a', '* 001_a', '001_a', '001_a, 002_b'])(
  'a list that starts on the line below its key is reported: %s',
  (item) => {
    expect(parse(`-- Depends on:\n--   ${item}\n`).codes).toEqual(['TM1009 21'])
  },
)

test.each(['-----', '=====', 'what this file does', 'Note: x', '', 'Type: drop_table'])(
  'a key without a list may be followed by %s',
  (line) => {
    expect(parse(`-- Depends on:\n-- ${line}\n`).codes).toEqual([])
  },
)

test('a forgotten bracket is one problem, at the bracket, and keys after it still count', () => {
  const parsed = parse('-- Depends on: [001_a,\n-- Type: create_tabel\n')
  expect(parsed.codes).toEqual(['TM1009 16', 'TM1006 33'])
})

test('keys count only in whole-line comments before the first marker and before any SQL', () => {
  const parsed = parse(
    '/* -- Type: nonsense\n/* nested */ -- Run: never\n*/ -- Role:\n-- Type: create_table\n',
    {
      after: '-- Type: drop_table\n-- Tpye: x\n',
    },
  )
  expect(parsed.codes).toEqual([])
  expect(parsed.header?.type).toBe('create_table')
})

test.each([
  ['Tpye', 'Type'],
  ['Typ', 'Type'],
  ['urn', 'Run'],
  ['Rloe', 'Role'],
  ['Tgas', 'Tags'],
  ['Depend on', 'Depends on'],
  ['Depends-on', 'Depends on'],
  ['depends_on', 'Depends on'],
  ['Depends', 'Depends on'],
  ['Descripton', 'Description'],
  ['Migraton', 'Migration'],
  ['Transacton', 'Transaction'],
  ['Lock-timeout', 'Lock timeout'],
  ['statement  timeuot', 'Statement timeout'],
  ['Bloking', 'Blocking'],
  ['Replace', 'Replaces'],
])('%s is a near miss of %s', (word, key) => {
  const parsed = parseMigration({ path: '007_create_orders.sql', text: `-- ${word}: x\n-- @up\nSELECT 1;\n` })
  expect(parsed).toMatchObject({
    ok: false,
    error: [
      {
        code: 'TM1005',
        help: `did you mean "${key}"? If it is an ordinary comment, put another word before the colon`,
      },
    ],
  })
})

test.each([
  'note',
  'rule',
  'file',
  'code',
  'time',
  'tip',
  'task',
  'page',
  'locking',
  'https',
  'roles',
  'why',
  'The type of this',
  'ps',
])('%s is an ordinary word', (word) => {
  expect(parse(`-- ${word}: x\n`).codes).toEqual([])
})

const id = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,12}$/)
const ids = fc.uniqueArray(id, { maxLength: 4 })
const timeout = fc.option(fc.integer({ min: 0, max: 2_147_483_647 }))
const line = fc.stringMatching(/^[!-~äß😀]([ -~äß😀]{0,20}[!-~äß😀])?$/u)
const header: fc.Arbitrary<MigrationHeader> = fc.record({
  description: line,
  type: fc.constantFrom(...MIGRATION_TYPES),
  dependsOn: ids,
  transaction: fc.constantFrom('required', 'none'),
  run: fc.constantFrom('once', 'on_change'),
  lockTimeoutMs: timeout,
  statementTimeoutMs: timeout,
  role: fc.option(fc.stringMatching(/^[a-z_][a-z0-9_ -]{0,10}[a-z0-9]$/)),
  blocking: fc.boolean(),
  replaces: ids,
  tags: ids,
})

test('what is printed of a header is read back as the same header', () => {
  fc.assert(
    fc.property(header, fc.constantFrom('omit', 'write'), (written, defaults) => {
      const parsed = parse(formatHeader('007_create_orders', written, { defaults }))
      expect(parsed.codes).toEqual([])
      expect(parsed.header).toEqual(written)
    }),
  )
})

function parse(headerText: string, { after = '' } = {}) {
  const path = 'migrations/007_create_orders.sql'
  const parsed = parseMigration({ path, text: `${headerText}-- @up\n${after}SELECT 1;\n` })
  const diagnostics = parsed.ok ? parsed.value.notes : parsed.error
  const codes = diagnostics.map(({ code, span }) => `${code} ${(span?.start ?? -1) + 1}`)
  const migration = parsed.ok ? parsed.value.migration : undefined
  return { header: migration?.header, dependsOnSpans: migration?.dependsOnSpans, codes }
}

test('variables are read with what is secret of them, and written back', () => {
  const parsed = parse('-- Variables: [app_role, pw secret,\n--   other SECRET]\n')
  expect([parsed.codes, parsed.header?.variables]).toEqual([
    [],
    [
      { name: 'app_role', secret: false },
      { name: 'pw', secret: true },
      { name: 'other', secret: true },
    ],
  ])
  expect(parse('-- variables: a, b secret\n').header?.variables).toHaveLength(2)
  expect(parse('').header).not.toHaveProperty('variables')
  for (const wrong of [
    '[]',
    '',
    '[a b]',
    '[1a]',
    '[a-b]',
    '[a, a]',
    '[a',
    'a]',
    '[a secret secret]',
    "['a']",
  ])
    expect(parse(`-- Variables: ${wrong}\n`).codes[0]).toMatch(/^TM1009/)
  if (parsed.header === undefined) throw new Error('no header')
  expect(formatHeader('007_create_orders', parsed.header)).toContain(
    '-- Variables: [app_role, pw secret, other secret]\n',
  )
})
