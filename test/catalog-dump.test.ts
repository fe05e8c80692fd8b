import { createTestDatabase } from '@tidemark/test-servers'
import { expect, test } from 'vitest'
import { compareWithDump } from './catalog/compare-with-dump.ts'
import { excuse } from './catalog/exceptions.ts'
import { dumpByWire } from './catalog/pg-dump.ts'

/** Of every kind of object some; `catalog-dump.long.test.ts` has thousands. */
const STATEMENTS = [
  'CREATE TABLE t ()',
  'ALTER TABLE t ADD a int PRIMARY KEY, ADD b text DEFAULT $$x$$ COLLATE "C", ADD c int GENERATED ALWAYS AS (a + 1) STORED',
  'ALTER TABLE t ADD CONSTRAINT positive CHECK (a > 0) NOT VALID',
  'ALTER TABLE t VALIDATE CONSTRAINT positive',
  'CREATE INDEX i ON t (b)',
  'ALTER TABLE t CLUSTER ON i',
  'ALTER TABLE t REPLICA IDENTITY FULL',
  'ALTER TABLE t ALTER b SET STORAGE EXTERNAL, ALTER b SET STATISTICS 200',
  "COMMENT ON COLUMN t.a IS 'it''s'",
  'GRANT SELECT (a), UPDATE ON t TO PUBLIC',
  'CREATE VIEW v AS SELECT a, b FROM t',
  'ALTER TABLE t RENAME b TO z',
  'CREATE FUNCTION f(x int) RETURNS int LANGUAGE sql AS $$SELECT 1$$',
  'REVOKE EXECUTE ON FUNCTION f FROM PUBLIC',
  'CREATE FUNCTION tf() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN NEW; END$$',
  'CREATE TRIGGER tg BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION tf()',
  'ALTER TABLE t DISABLE TRIGGER tg',
  'CREATE POLICY p ON t USING (a > 1)',
  "CREATE TYPE e AS ENUM ('x', 'y')",
  "ALTER TYPE e ADD VALUE 'w' BEFORE 'x'",
  'CREATE DOMAIN d AS int CHECK (VALUE > 0)',
  'CREATE TABLE part (a int) PARTITION BY LIST (a)',
  'CREATE TABLE part_1 PARTITION OF part FOR VALUES IN (1)',
  'CREATE INDEX part_i ON part (a)',
  'CREATE STATISTICS st (ndistinct) ON a, z FROM t',
  'CREATE SEQUENCE q INCREMENT 5',
  'ALTER SEQUENCE q OWNED BY t.a',
  'ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO PUBLIC',
  'CREATE PUBLICATION pub FOR TABLE t',
  'REVOKE EXECUTE ON FUNCTION pg_catalog.pg_sleep(float8) FROM PUBLIC',
  'INSERT INTO part SELECT 1 FROM generate_series(1, 10)',
  'ANALYZE',
  'DROP TABLE part',
]

test('pg_dump differs exactly when the catalog does, after each of a sample of statements', async () => {
  const database = await createTestDatabase()
  try {
    const { compared, disagreements } = await compareWithDump({
      url: database.url,
      statements: STATEMENTS,
      dump: dumpByWire,
    })
    expect(disagreements.filter((one) => excuse(one) === undefined)).toEqual([])
    expect(compared).toBe(STATEMENTS.length - 1)
  } finally {
    await database.drop()
  }
})
