import { describe, expect, test } from 'vitest'
import type { CatalogRow } from '../model/catalog.ts'
import { toCatalog } from '../model/to-catalog.ts'
import { compareCatalogs, differenceKey } from './compare-catalogs.ts'
import { describeCatalogDifference } from './describe-catalog-difference.ts'

const row = (kind: string, id: string, facet: string, value: string): CatalogRow => ({
  kind,
  id,
  facet,
  value,
})
const users: readonly CatalogRow[] = [
  row('schema', 'app', 'owner', 'ada'),
  row('table', 'app.users', 'owner', 'ada'),
  row('table', 'app.users', 'column order', 'id, email'),
  row('column', 'app.users.id', 'type', 'bigint'),
  row('column', 'app.users.email', 'type', 'text'),
  row('constraint', 'app.users users_pkey', 'definition', 'PRIMARY KEY (id)'),
  row('index', 'app.users_pkey', 'table', 'app.users'),
  row('index', 'app.users_pkey', 'constraint', 'app.users users_pkey'),
  row('index', 'app.users_pkey', 'definition', 'CREATE UNIQUE INDEX …'),
  row('sequence', 'app.users_id_seq', 'owned by', 'app.users.id'),
]
const without = (drop: (row: CatalogRow) => boolean) => users.filter((one) => !drop(one))
const replaced = (facet: string, value: string) =>
  users.map((one) => (one.facet === facet ? { ...one, value } : one))
const compare = (a: readonly CatalogRow[], b: readonly CatalogRow[], ignoredFacets: readonly string[] = []) =>
  compareCatalogs(toCatalog(a), toCatalog(b), { ignoredFacets })
const sentences = (a: readonly CatalogRow[], b: readonly CatalogRow[]) =>
  compare(a, b).flatMap(describeCatalogDifference)

describe('two catalogs', () => {
  test('are equal whatever the order of their rows is', () => {
    expect(compare(users, users.toReversed())).toEqual([])
  })

  test('differ in a facet, with both values', () => {
    expect(compare(users, replaced('column order', 'email, id'))).toEqual([
      {
        change: 'changed',
        kind: 'table',
        id: 'app.users',
        facets: [{ facet: 'column order', before: 'id, email', after: 'email, id' }],
      },
    ])
  })

  test('do not differ in the order of columns for a column that only one has', () => {
    const more = [
      ...replaced('column order', 'id, phone, email'),
      row('column', 'app.users.phone', 'type', 'text'),
    ]
    expect(compare(users, more).map(differenceKey)).toEqual(['column app.users.phone'])
    const moved = [
      ...replaced('column order', 'email, phone, id'),
      row('column', 'app.users.phone', 'type', 'text'),
    ]
    expect(compare(users, moved).map(differenceKey)).toEqual(['column app.users.phone', 'table app.users'])
  })

  test('show an index of a partitioned table with those that are attached to it as one difference', () => {
    const index = row('index', 'app.i', 'table', 'app.users')
    const child = [
      row('index', 'app.i1', 'table', 'app.users_1'),
      row('index', 'app.i1', 'attached to', 'app.i'),
    ]
    expect(compare(users, [...users, index, ...child]).map(differenceKey)).toEqual(['index app.i'])
  })

  test('are equal but for a facet that is ignored', () => {
    expect(compare(users, replaced('column order', 'email, id'), ['column order'])).toEqual([])
  })

  test('differ in an object whose facets are all ignored when only one has it', () => {
    const differences = compare([], [row('table', 'app.empty', 'owner', 'ada')], ['owner'])
    expect(differences.map(differenceKey)).toEqual(['table app.empty'])
  })

  test('show a dropped table as one difference, with everything that was part of it', () => {
    const [difference, ...others] = compare(users, [row('schema', 'app', 'owner', 'ada')])
    expect(others).toEqual([])
    expect(difference).toMatchObject({ change: 'removed', object: { id: 'app.users' } })
    const parts = difference?.change === 'removed' ? difference.parts : []
    expect(parts.map(({ kind, id }) => `${kind} ${id}`)).toEqual([
      'column app.users.email',
      'column app.users.id',
      'constraint app.users users_pkey',
      'index app.users_pkey',
      'sequence app.users_id_seq',
    ])
  })

  test('show a dropped schema as one difference', () => {
    expect(compare(users, []).map(differenceKey)).toEqual(['schema app'])
  })

  test('show a dropped constraint with its index as one difference', () => {
    const rows = without(({ id }) => id.endsWith('users_pkey'))
    expect(compare(users, rows).map(differenceKey)).toEqual(['constraint app.users users_pkey'])
    expect(compare(rows, users).map(differenceKey)).toEqual(['constraint app.users users_pkey'])
  })

  test('show a dropped column and the sequence that it owns as one difference', () => {
    const rows = without(({ id }) => id === 'app.users.id' || id === 'app.users_id_seq')
    expect(compare(users, rows).map(differenceKey)).toEqual(['column app.users.id'])
  })
})

describe('a difference in words', () => {
  test('is a sentence for an object, and one for each facet', () => {
    expect(
      sentences(
        users,
        without(({ kind }) => kind === 'sequence'),
      ),
    ).toEqual(['sequence app.users_id_seq is missing'])
    expect(sentences([], users)).toEqual(['schema app was added'])
    expect(sentences(users, replaced('type', 'integer'))).toEqual([
      'column app.users.email: type is "integer" instead of "text"',
      'column app.users.id: type is "integer" instead of "bigint"',
    ])
  })

  test('says what was set and what is gone', () => {
    const more = [...users, row('column', 'app.users.email', 'not null', 'yes')]
    expect(sentences(users, more)).toEqual(['column app.users.email: not null is yes instead of no'])
    expect(sentences(more, users)).toEqual(['column app.users.email: not null is no instead of yes'])
  })

  test('does not show long values, several lines and what may be a secret', () => {
    const body = (value: string) => [row('function', 'app.f()', 'definition', value)]
    expect(sentences(body('a\nb'), body('a\nc'))).toEqual(['function app.f(): definition differs'])
    const mapping = (value: string) => [row('user mapping', 'ada on s', 'option password', value)]
    const differences = compareCatalogs(
      toCatalog(mapping('secret'), { secretKey: 'k' }),
      toCatalog(mapping('other'), { secretKey: 'k' }),
    )
    expect(differences.flatMap(describeCatalogDifference)).toEqual([
      'user mapping ada on s: option password differs',
    ])
    expect(JSON.stringify(differences)).not.toMatch(/secret"|other/)
  })
})
