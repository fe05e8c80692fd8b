import { type RawBuilder, sql } from 'kysely'

/**
 * Tells of a row `m` whether a squash with these `replaces` (jsonb) stands for it: it is named, or it is a squash that stood for
 * nothing but what is named, which would else count as applied when the new one is rolled back.
 */
export function isReplacedBy(replaces: RawBuilder<unknown>): RawBuilder<boolean> {
  const own = sql`m.header->'replaces'`
  return sql`(pg_catalog.jsonb_exists(${replaces}, m.id) or (m.status = 'completed'
    and pg_catalog.jsonb_ne(${own}, '[]') and pg_catalog.jsonb_contains(${replaces}, ${own})))`
}
