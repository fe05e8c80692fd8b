import type { StatementEffects, TouchedRelation } from '@tidemark/core'
import { describe, expect, test } from 'vitest'
import { type Shadow, traceSection } from '../../src/index.ts'
import { pglite, useServer } from '../support/engines.ts'
import { migration } from '../support/migrations.ts'

const SETUP = migration(
  'setup',
  `
CREATE TABLE p (id int PRIMARY KEY, u int UNIQUE);
CREATE TABLE t (id int PRIMARY KEY, a int, b text, c varchar(10), d timestamp, e numeric(8,2), f int NOT NULL,
  g char(5), i inet, en text);
CREATE TABLE not_null_by_check (a int, CONSTRAINT ck CHECK (a IS NOT NULL));
CREATE TYPE mood AS ENUM ('x', 'y');
CREATE DOMAIN positive AS int CHECK (VALUE > 0);
CREATE DOMAIN plain AS int;
CREATE TABLE part (a int, b int) PARTITION BY RANGE (a);
CREATE TABLE part1 PARTITION OF part FOR VALUES FROM (0) TO (10);
CREATE TABLE candidate (a int, b int);
CREATE TABLE proven_candidate (a int, b int, CHECK (a IS NOT NULL AND a >= 20 AND a < 30));
CREATE TABLE fk_child (x int);
ALTER TABLE fk_child ADD CONSTRAINT fk_not_valid FOREIGN KEY (x) REFERENCES p NOT VALID;
CREATE TABLE checked (a int);
ALTER TABLE checked ADD CONSTRAINT ck2 CHECK (a > 0) NOT VALID;
CREATE INDEX t_a ON t (a);
CREATE UNIQUE INDEX t_f ON t (f);
CREATE TABLE refers (t int CONSTRAINT refers_t REFERENCES t, p int REFERENCES p);
CREATE VIEW v AS SELECT a, b FROM t;
CREATE MATERIALIZED VIEW mv AS SELECT a FROM t;
CREATE UNIQUE INDEX mv_a ON mv (a);
CREATE UNLOGGED TABLE ul (a int);
CREATE TABLE log (t text);
CREATE FUNCTION writes() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO log VALUES ('x'); RETURN NULL; END $$;
CREATE TRIGGER after_insert AFTER INSERT ON checked FOR EACH STATEMENT EXECUTE FUNCTION writes();
`,
)

type Kind = 'rewrite' | 'scan' | 'build' | 'nothing'

/** Each with what the manual of PostgreSQL says of it. */
const KNOWN: readonly (readonly [sql: string, kind: Kind])[] = [
  ['ALTER TABLE t ADD COLUMN n int', 'nothing'],
  ['ALTER TABLE t ADD COLUMN n int DEFAULT 5', 'nothing'],
  ['ALTER TABLE t ADD COLUMN n timestamptz DEFAULT now()', 'nothing'],
  ['ALTER TABLE t ADD COLUMN n uuid DEFAULT gen_random_uuid()', 'rewrite'],
  ['ALTER TABLE t ADD COLUMN n float DEFAULT random()', 'rewrite'],
  ['ALTER TABLE t ADD COLUMN n serial', 'rewrite'],
  ['ALTER TABLE t ADD COLUMN n int GENERATED ALWAYS AS IDENTITY', 'rewrite'],
  ['ALTER TABLE t ADD COLUMN n int GENERATED ALWAYS AS (a + 1) STORED', 'rewrite'],
  ['ALTER TABLE t ADD COLUMN n int NOT NULL DEFAULT 3', 'nothing'],
  ['ALTER TABLE t ADD COLUMN n int CHECK (n > 0)', 'scan'],
  ['ALTER TABLE t ADD COLUMN n int REFERENCES p', 'nothing'],
  ['ALTER TABLE t ADD COLUMN n int UNIQUE', 'build'],
  ['ALTER TABLE t ADD COLUMN n plain', 'nothing'],
  ['ALTER TABLE t ALTER COLUMN e TYPE float', 'rewrite'],
  ['ALTER TABLE t ALTER COLUMN c TYPE varchar(20)', 'nothing'],
  ['ALTER TABLE t ALTER COLUMN c TYPE text', 'nothing'],
  ['ALTER TABLE t ALTER COLUMN c TYPE varchar(5)', 'rewrite'],
  ['ALTER TABLE t ALTER COLUMN e TYPE numeric(12,2)', 'nothing'],
  ['ALTER TABLE t ALTER COLUMN e TYPE numeric(12,4)', 'rewrite'],
  ['ALTER TABLE t ALTER COLUMN g TYPE text', 'rewrite'],
  ["SET LOCAL timezone = 'UTC'; ALTER TABLE t ALTER COLUMN d TYPE timestamptz", 'nothing'],
  ["SET LOCAL timezone = 'Europe/Berlin'; ALTER TABLE t ALTER COLUMN d TYPE timestamptz", 'rewrite'],
  ['ALTER TABLE t ALTER COLUMN i TYPE cidr', 'rewrite'],
  ['ALTER TABLE t ALTER COLUMN en TYPE mood USING en::mood', 'rewrite'],
  ['ALTER TABLE t ALTER COLUMN a SET NOT NULL', 'scan'],
  ['ALTER TABLE not_null_by_check ALTER COLUMN a SET NOT NULL', 'nothing'],
  ['ALTER TABLE t ALTER COLUMN f DROP NOT NULL', 'nothing'],
  ['ALTER TABLE t ADD CONSTRAINT k CHECK (a > 0)', 'scan'],
  ['ALTER TABLE t ADD CONSTRAINT k CHECK (a > 0) NOT VALID', 'nothing'],
  ['ALTER TABLE checked VALIDATE CONSTRAINT ck2', 'scan'],
  ['ALTER TABLE t ADD CONSTRAINT k FOREIGN KEY (a) REFERENCES p', 'scan'],
  ['ALTER TABLE t ADD CONSTRAINT k FOREIGN KEY (a) REFERENCES p NOT VALID', 'nothing'],
  ['ALTER TABLE fk_child VALIDATE CONSTRAINT fk_not_valid', 'scan'],
  ['ALTER TABLE t ADD CONSTRAINT k UNIQUE (a)', 'build'],
  ['ALTER TABLE t ADD CONSTRAINT k UNIQUE USING INDEX t_f', 'nothing'],
  ['ALTER TABLE t ADD CONSTRAINT k EXCLUDE USING btree (a WITH =)', 'build'],
  ['CREATE INDEX x ON t (b)', 'build'],
  ['CREATE INDEX x ON t (b) WHERE b IS NOT NULL', 'build'],
  ['REINDEX TABLE t', 'build'],
  ['CLUSTER t USING t_a', 'rewrite'],
  ['ALTER TABLE ul SET LOGGED', 'rewrite'],
  ['ALTER TABLE t SET (fillfactor = 70)', 'nothing'],
  ['ALTER TABLE part ATTACH PARTITION candidate FOR VALUES FROM (10) TO (20)', 'scan'],
  ['ALTER TABLE part ATTACH PARTITION proven_candidate FOR VALUES FROM (20) TO (30)', 'nothing'],
  ['ALTER TABLE part ADD COLUMN z int DEFAULT 1', 'nothing'],
  ['ALTER TABLE part ALTER COLUMN b TYPE bigint', 'rewrite'],
  ['CREATE INDEX ON part (b)', 'build'],
  ['ALTER TABLE t DROP COLUMN b CASCADE', 'nothing'],
  ['ALTER TABLE t RENAME COLUMN c TO c2', 'nothing'],
  ['ALTER TABLE t ALTER COLUMN a SET DEFAULT 4', 'nothing'],
  ["ALTER TYPE mood ADD VALUE 'z'", 'nothing'],
  ['REFRESH MATERIALIZED VIEW mv', 'rewrite'],
  ['ALTER TABLE t ALTER COLUMN b SET STORAGE EXTERNAL', 'nothing'],
  ['ALTER TABLE t REPLICA IDENTITY FULL', 'nothing'],
  ['ALTER TABLE t ENABLE ROW LEVEL SECURITY', 'nothing'],
  ['UPDATE t SET a = 1', 'scan'],
  ['TRUNCATE t CASCADE', 'rewrite'],
]

function kindOf({ rewrites, scans, indexBuilds }: StatementEffects): Kind {
  const isOld = (relation: TouchedRelation) => !relation.isNew
  if (rewrites.some(isOld)) return 'rewrite'
  if (indexBuilds.some(({ table }) => isOld(table))) return 'build'
  return scans.some(isOld) ? 'scan' : 'nothing'
}

async function trace(shadow: Shadow, sql: string) {
  const one = migration('one', sql)
  const { statements, failure } = await shadow.inRolledBackTransaction((connection) =>
    traceSection(connection, one, 'up'),
  )
  expect(failure).toBeNull()
  return statements
}

describe.each([useServer(), pglite])('on $name', ({ open }) => {
  test('rewrites, scans and index builds are those of the manual', async () => {
    const shadow = await open([SETUP])
    const found: (readonly [string, Kind])[] = []
    for (const [sql] of KNOWN) {
      const statements = await trace(shadow, sql)
      found.push([sql, kindOf(statements.at(-1)?.effects ?? NOTHING)])
    }
    expect(found).toEqual(KNOWN)
    await shadow.close()
  })

  test('locks are named with their mode, also on what no statement names', async () => {
    const shadow = await open([SETUP])
    const locks = async (sql: string) =>
      (await trace(shadow, sql)).map(({ effects }) =>
        effects.locks
          .filter(
            ({ relation }) => !relation.isNew && !['index', 'partitioned index'].includes(relation.kind),
          )
          .filter(({ mode }) => !['ACCESS SHARE', 'ROW SHARE'].includes(mode))
          .map(({ relation, mode }) => `${mode} ${relation.schema}.${relation.name}`),
      )
    expect(
      await locks('ALTER TABLE refers DROP CONSTRAINT refers_t, ADD FOREIGN KEY (t) REFERENCES t'),
    ).toEqual([['ACCESS EXCLUSIVE public.refers', 'ACCESS EXCLUSIVE public.t']])
    expect(await locks('DROP TABLE refers')).toEqual([
      ['ACCESS EXCLUSIVE public.p', 'ACCESS EXCLUSIVE public.refers', 'ACCESS EXCLUSIVE public.t'],
    ])
    expect(await locks('DROP TABLE part1')).toEqual([
      ['ACCESS EXCLUSIVE public.part', 'ACCESS EXCLUSIVE public.part1'],
    ])
    expect(await locks('INSERT INTO checked VALUES (1); INSERT INTO checked VALUES (2)')).toEqual([
      ['ROW EXCLUSIVE public.checked', 'ROW EXCLUSIVE public.log'],
      [],
    ])
    expect(
      await locks('DO $$ BEGIN EXECUTE format($f$ALTER TABLE %I ADD z int$f$, $n$t$n$); END $$'),
    ).toEqual([['ACCESS EXCLUSIVE public.t']])
    expect(await locks('CREATE TABLE fresh (a int REFERENCES p); DROP TABLE fresh')).toEqual([
      ['SHARE ROW EXCLUSIVE public.p'],
      ['ACCESS EXCLUSIVE public.p'],
    ])
    await shadow.close()
  })

  test('rows that triggers write are counted, and what the migration made is new', async () => {
    const shadow = await open([SETUP])
    const [insert, create] = await trace(
      shadow,
      'INSERT INTO checked VALUES (1), (2); CREATE TABLE fresh AS SELECT 1 AS a',
    )
    expect(insert?.effects.rows).toEqual([
      { table: old('checked'), inserted: 2, updated: 0, deleted: 0 },
      { table: old('log'), inserted: 1, updated: 0, deleted: 0 },
    ])
    expect(create?.effects.locks.filter(({ relation }) => relation.name === 'fresh')).toEqual([
      { relation: { ...old('fresh'), isNew: true }, mode: 'ACCESS EXCLUSIVE' },
    ])
    await shadow.close()
  })
})

const NOTHING: StatementEffects = { locks: [], rewrites: [], scans: [], indexBuilds: [], rows: [] }

function old(name: string): TouchedRelation {
  return { schema: 'public', name, kind: 'table', isNew: false }
}
