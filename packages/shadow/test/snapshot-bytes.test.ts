import { fileURLToPath } from 'node:url'
import type { Migration } from '@tidemark/core'
import { createDirectoryReader } from '@tidemark/core/node'
import { corporaMissing } from '@tidemark/test-servers'
import { test } from 'vitest'
import { corpus, migration } from './support/migrations.ts'
import { useOtherServer } from './support/other-server.ts'

const { expectSameBytes } = useOtherServer()

/** Whatever PostgreSQL writes as the session wants it: times, dates, intervals, bytes, money. */
const SENSITIVE = [
  migration(
    '001_values',
    `CREATE TABLE readings (at timestamptz DEFAULT '2026-07-01 12:00', day date DEFAULT '2026-02-01',
       pause interval DEFAULT '1 day 2 hours', raw bytea DEFAULT '\\x00ff', price money DEFAULT 1234.5, tall text,
       CHECK (at > '2000-01-01'::timestamptz)) PARTITION BY RANGE (at);
     CREATE TABLE readings_2026 PARTITION OF readings FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
     CREATE VIEW late AS SELECT * FROM readings WHERE at > timestamptz '2026-03-01' AND pause > interval '36 hours';
     CREATE FUNCTION since(d date DEFAULT '2026-02-01') RETURNS text LANGUAGE sql AS $$SELECT d::text$$;
     CREATE INDEX ON readings (at) WHERE at > '2026-05-05 05:05+05';`,
  ),
]

test('a snapshot of values that a session writes in its own way is the same on any server', () =>
  expectSameBytes(SENSITIVE))

test('the snapshot of the example project is the same on PGlite and on any server', async () => {
  const directory = fileURLToPath(new URL('../../../migrations', import.meta.url))
  const read = await createDirectoryReader({ directory }).readMigrations()
  if (!read.ok) throw new TypeError('the example project can be read')
  const migrations: readonly Migration[] = read.value.migrations
  await expectSameBytes(migrations)
})

test.skipIf(corporaMissing).each(['openfga', 'bitmagnet'])(
  `the snapshot of %s is the same on PGlite and on any server${corporaMissing ? ` (skipped: ${corporaMissing})` : ''}`,
  async (name) => expectSameBytes(await corpus(name)),
)
