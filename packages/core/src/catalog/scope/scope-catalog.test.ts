import { describe, expect, test } from 'vitest'
import { objectKey } from '../model/catalog.ts'
import { makeCatalog } from '../model/to-catalog.ts'
import type { CatalogScope } from './catalog-scope.ts'
import { MANAGED_SCHEMAS } from './managed-schemas.ts'
import { scopeCatalog } from './scope-catalog.ts'

const object = (key: string, facets: Record<string, string> = {}) => {
  const [kind = '', id = ''] = key.split(': ')
  return { kind, id, facets: new Map(Object.entries(facets)) }
}
const catalog = makeCatalog([
  object('schema: public'),
  object('table: public.users'),
  object('column: public.users.id'),
  object('index: public.users_pkey', { table: 'public.users' }),
  object('table: public.events_2026_01'),
  object('column: public.events_2026_01.id'),
  object('schema: auth'),
  object('table: auth.users'),
  object('schema: "Sales"'),
  object('table: "Sales".orders'),
  object('extension: pgcrypto'),
  object('publication: news'),
  object('default privileges: for ada in public on tables'),
  object('default privileges: for ada on tables'),
])
const keys = (scope: CatalogScope, of = catalog) =>
  [...scopeCatalog(of, scope).objects.values()].map(objectKey)
const left = (scope: CatalogScope) => {
  const kept = new Set(keys(scope))
  return [...catalog.objects.keys()].filter((key) => !kept.has(key))
}

describe('a scope', () => {
  test('without limits keeps everything', () => {
    expect(left({})).toEqual([])
  })

  test('of some schemas keeps what is in them, and nothing of the whole database', () => {
    expect(keys({ includeSchemas: ['Sales'] })).toEqual(['schema "Sales"', 'table "Sales".orders'])
  })

  test('without some schemas keeps objects of the whole database', () => {
    expect(left({ excludeSchemas: ['Sal*', ...MANAGED_SCHEMAS.supabase] })).toEqual([
      'schema "Sales"',
      'schema auth',
      'table "Sales".orders',
      'table auth.users',
    ])
  })

  test('without some objects leaves their parts out too', () => {
    expect(left({ excludeObjects: ['public.events_*'] })).toEqual([
      'column public.events_2026_01.id',
      'table public.events_2026_01',
    ])
  })

  test('takes every character of a pattern but * as it is', () => {
    expect(left({ excludeObjects: ['public.user.'] })).toEqual([])
  })
})

describe("Tidemark's own tables", () => {
  const tracking = (schema: string) => [
    object(`schema: ${schema}`),
    object(`table: ${schema}.schema_migrations`),
    object(`column: ${schema}.schema_migrations.id`),
    object(`index: ${schema}.schema_migrations_pkey`, { table: `${schema}.schema_migrations` }),
    object(`enum: ${schema}.migration_status`),
    object(`table: ${schema}.migration_history`),
    object(`sequence: ${schema}.migration_history_sequence_seq`, {
      'identity of': `${schema}.migration_history.sequence`,
    }),
    object(`policy: ${schema}.database_schema tidemark_readers`),
  ]

  test('are left out of public, which stays', () => {
    expect(keys({ trackingSchema: 'public' }, makeCatalog(tracking('public')))).toEqual(['schema public'])
  })

  test('are left out with a schema that has nothing else', () => {
    expect(keys({ trackingSchema: 'tidemark' }, makeCatalog(tracking('tidemark')))).toEqual([])
    expect(keys({ trackingSchema: 'Our tables' }, makeCatalog(tracking('"Our tables"')))).toEqual([])
  })

  test('leave their schema in where it has something else', () => {
    const more = makeCatalog([...tracking('tidemark'), object('view: tidemark.report')])
    expect(keys({ trackingSchema: 'tidemark' }, more)).toEqual(['schema tidemark', 'view tidemark.report'])
  })
})
