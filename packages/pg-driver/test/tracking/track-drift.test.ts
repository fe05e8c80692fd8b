import { compareMarks, readCatalogMark } from '@tidemark/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { DEFAULT_SETTINGS } from '../../src/options/engine-settings.ts'
import { createServerHarness, type ServerHarness } from '../support/server-harness.ts'

const TRACKED = { trackedScope: { excludeObjects: ['public.events_*'] } }

/** What `status --drift` compares: the recorded mark and that of now. */
async function compare(harness: ServerHarness, scope = TRACKED.trackedScope) {
  const reader = await harness.database.open(DEFAULT_SETTINGS).openReader()
  try {
    const now = await readCatalogMark(reader.catalog, { ...scope, trackingSchema: 'public' })
    return compareMarks(await reader.store.readCatalogMark(), now)
  } finally {
    await reader.close()
  }
}

describe('a run with trackDrift', () => {
  let harness: ServerHarness
  beforeAll(async () => {
    harness = await createServerHarness({
      '001_users':
        'CREATE TABLE users (id serial PRIMARY KEY, email text); CREATE TABLE events (at date) PARTITION BY RANGE (at);',
    })
  })
  afterAll(() => harness.database.drop())

  test('is needed: without it nothing is recorded', async () => {
    await harness.up()
    expect((await compare(harness)).kind).toBe('not recorded')
  })

  test('records what it left, also when nothing was recorded and nothing is pending', async () => {
    await harness.up(TRACKED)
    expect((await compare(harness)).kind).toBe('unchanged')
  })

  test.each([
    ['rows', "INSERT INTO users (email) SELECT 'x' FROM generate_series(1, 100)"],
    ['a sequence that moves', "SELECT setval('users_id_seq', 500)"],
    ['ANALYZE', 'ANALYZE users'],
    ['VACUUM', 'VACUUM users'],
    ['REINDEX', 'REINDEX TABLE users'],
    ['REINDEX CONCURRENTLY', 'REINDEX TABLE CONCURRENTLY users'],
    [
      'partitions by a declared pattern',
      "CREATE TABLE events_2026 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')",
    ],
  ])('is not changed by %s', async (_, statement) => {
    await harness.server.query(statement)
    expect((await compare(harness)).kind).toBe('unchanged')
  })

  test('is changed by a column that was added by hand, and a run with nothing to do does not hide it', async () => {
    await harness.server.query('ALTER TABLE users ADD hotfix int')
    expect((await compare(harness)).kind).toBe('changed')
    await harness.up(TRACKED)
    expect((await compare(harness)).kind).toBe('changed')
  })

  test('records anew when it has changed something', async () => {
    harness.files = {
      ...harness.files,
      '002_tags': '-- Depends on: [001_users]\n\n-- @up\nCREATE TABLE tags (id int);',
    }
    await harness.up(TRACKED)
    expect((await compare(harness)).kind).toBe('unchanged')
  })

  test('is not comparable under another scope', async () => {
    expect(await compare(harness, { excludeObjects: [] })).toMatchObject({
      kind: 'not comparable',
      because: 'reading',
    })
  })

  test('is not comparable under another role', async () => {
    await harness.server.query('UPDATE database_schema SET catalog = catalog || \'{"role": "somebody"}\'')
    expect(await compare(harness)).toMatchObject({
      kind: 'not comparable',
      because: 'role',
      recorded: { role: 'somebody' },
    })
  })

  test('reads tables that have no place for it', async () => {
    await harness.server.query('ALTER TABLE database_schema DROP COLUMN catalog')
    expect((await compare(harness)).kind).toBe('not recorded')
    await harness.up(TRACKED)
    expect((await compare(harness)).kind).toBe('unchanged')
  })
})
