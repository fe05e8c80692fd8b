import { expect, test } from 'vitest'
import type { Catalog, CatalogRow } from './catalog.ts'
import { fingerprintCatalog } from './fingerprint.ts'
import { toCatalog } from './to-catalog.ts'

const password: CatalogRow = {
  kind: 'user mapping',
  id: 'ada on files',
  facet: 'option password',
  value: 'hunter2',
}
const hiddenValue = (catalog: Catalog) => [...catalog.objects.values()][0]?.facets.get('option password')

test('the value of an option that may be a secret is hashed with the key, and hidden without one', () => {
  expect(hiddenValue(toCatalog([password]))).toBe('(hidden)')
  const keyed = hiddenValue(toCatalog([password], { secretKey: 'a' }))
  expect(keyed).toMatch(/^hash [0-9a-f]{64}$/)
  expect(hiddenValue(toCatalog([password], { secretKey: 'a' }))).toBe(keyed)
  expect(hiddenValue(toCatalog([password], { secretKey: 'b' }))).not.toBe(keyed)
  expect(hiddenValue(toCatalog([{ ...password, id: 'bob on files' }], { secretKey: 'a' }))).not.toBe(keyed)
})

test.each(['server', 'user mapping', 'subscription'])('an option of a %s is never kept as it is', (kind) => {
  expect(hiddenValue(toCatalog([{ ...password, kind }]))).toBe('(hidden)')
})

test('an option of a table is kept', () => {
  expect(hiddenValue(toCatalog([{ ...password, kind: 'table' }]))).toBe('hunter2')
})

test('two values of one facet are a mistake of the query', () => {
  expect(() => toCatalog([password, { ...password, value: 'other' }])).toThrow(TypeError)
})

test('the fingerprint is that of the facts, in any order', () => {
  const rows: readonly CatalogRow[] = [
    { kind: 'table', id: 'a.b', facet: 'owner', value: 'x' },
    { kind: 'table', id: 'a.b', facet: 'comment', value: 'y' },
    { kind: 'table', id: 'a.a', facet: 'owner', value: 'x' },
  ]
  const fingerprint = fingerprintCatalog(toCatalog(rows))
  expect(fingerprint).toMatch(/^[0-9a-f]{64}$/)
  expect(fingerprintCatalog(toCatalog(rows.toReversed()))).toBe(fingerprint)
  expect(fingerprintCatalog(toCatalog(rows.slice(1)))).not.toBe(fingerprint)
})

test('the fingerprint keeps names and values apart', () => {
  const one = toCatalog([{ kind: 'table', id: 'a', facet: 'owner', value: 'x' }])
  const other = toCatalog([{ kind: 'table', id: 'a', facet: 'own', value: 'erx' }])
  expect(fingerprintCatalog(one)).not.toBe(fingerprintCatalog(other))
})
