import { expect, test } from 'vitest'
import { isTrackingState } from './tracking-state.ts'

const table = {
  name: 'schema_migrations',
  kind: 'r',
  owner: 'app',
  trusted: true,
  owned: true,
  oddities: [],
  comment: null,
  columns: ['id'],
  indexes: [],
  rowSecurity: true,
  readable: false,
  writable: true,
  grants: [{ role: 'public', privilege: 'SELECT', column: null }],
  sequences: [{ name: 'migration_history_sequence_seq', roles: ['public'] }],
}
const state = {
  readOnly: null,
  schemaExists: true,
  schemaOwner: { owner: 'app', trusted: true },
  hasEventTriggers: false,
  tables: [table],
  types: [{ name: 'migration_type', kind: 'e', owner: 'app', trusted: true, labels: ['create_table'] }],
  roles: ['anon'],
  shutOut: [],
}

test('an answer with everything in it is one', () => {
  expect(isTrackingState(state)).toBe(true)
  expect(isTrackingState({ ...state, readOnly: 'replica', tables: [{ ...table, comment: 'x' }] })).toBe(true)
})

test.each(Object.keys(state))('an answer without a right "%s" is none', (key) => {
  for (const wrong of [undefined, 7, [7]]) expect(isTrackingState({ ...state, [key]: wrong })).toBe(false)
})

test.each(Object.keys(table))('a table without a right "%s" is none', (key) => {
  const wrong = { ...table, [key]: key === 'comment' ? 7 : null }
  expect(isTrackingState({ ...state, tables: [wrong] })).toBe(false)
})

test.each([null, 'x', []])('%j is no answer', (value) => expect(isTrackingState(value)).toBe(false))
