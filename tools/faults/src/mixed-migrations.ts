/** The role that some of the migrations change to; made by the first of them. */
export const OWNER_ROLE = 'tidemark_fault_owner'

const FAMILIES = [1, 2, 3, 4, 5, 6] as const

/**
 * Gives 40 migrations of every kind by id: tables, rows, COPY, indexes built concurrently, views that run on
 * change and one that follows another, changes of role, an enum, session settings, a backfill that nobody
 * waits for, a procedure that commits per batch, a squash and what depends on a migration that it replaces.
 * Each notes what it did in `effect`, which has no key: what runs twice is seen there. They end in the same
 * catalog and data however often they are cut off.
 */
export function mixedMigrations(): Readonly<Record<string, string>> {
  const files: [string, string][] = [
    ['001_base', base],
    ['002_backfill', backfill],
    ...FAMILIES.flatMap((family) => familyOf(family)),
    ['090_enum', enumValue],
    ['091_enum_use', enumUse],
    ['092_session', session],
    ['093_upkeep', upkeep],
    ['094_squash', squash],
    ['095_after_squash', afterSquash],
    ['096_batches', batches],
    ['097_summary', summary],
  ]
  return Object.fromEntries(files)
}

const note = (id: string, statement = 1) => `INSERT INTO public.effect VALUES ('${id}', ${statement});`

const base = `-- Migration: 001_base
-- @up
DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '${OWNER_ROLE}') THEN CREATE ROLE ${OWNER_ROLE}; END IF;
END $$;
CREATE SCHEMA shop;
GRANT USAGE, CREATE ON SCHEMA shop TO ${OWNER_ROLE};
CREATE TABLE public.effect (migration text NOT NULL, statement int NOT NULL);
GRANT INSERT ON public.effect TO ${OWNER_ROLE};
CREATE FUNCTION shop.touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.touched := true; RETURN NEW; END $$;
${note('001_base')}
-- @down
DROP SCHEMA shop CASCADE; DROP TABLE public.effect;
`

function familyOf(family: number): readonly [string, string][] {
  const id = (at: number, name: string) => `${String(family * 10 + at).padStart(3, '0')}_${name}`
  const [table, copy, index, view, role] = [
    id(1, 't'),
    id(2, 'copy'),
    id(3, 'index'),
    id(4, 'view'),
    id(5, 'role'),
  ]
  const name = `shop.t${family}`
  return [
    [table, tableFile(table, name)],
    [copy, copyFile(copy, { after: table, name, rows: family === 3 ? 9000 : 200 })],
    [index, indexFile(index, { after: copy, name, family })],
    [view, viewFile(view, { after: table, name, family })],
    [role, roleFile(role, { after: table, family })],
  ]
}

const tableFile = (id: string, name: string) => `-- Depends on: [001_base]
-- Type: create_table
-- @up
CREATE TABLE ${name} (n int PRIMARY KEY, label text NOT NULL DEFAULT 'none' CHECK (label <> ''), touched boolean);
COMMENT ON TABLE ${name} IS 'made by ${id}';
CREATE TRIGGER touched BEFORE UPDATE ON ${name} FOR EACH ROW EXECUTE FUNCTION shop.touch();
INSERT INTO ${name} (n, label) SELECT n, 'row ' || n FROM generate_series(1, 2000) AS n;
UPDATE ${name} SET label = 'changed' WHERE n % 7 = 0;
${note(id)}
-- @down
DROP TABLE ${name};
-- @verify
SELECT count(*) = 2000 FROM ${name};
`

function copyFile(id: string, { after, name, rows }: { after: string; name: string; rows: number }): string {
  const data = Array.from({ length: rows }, (_, row) => `${10_000 + row}\tcopied with some text ${row}\tt`)
  return `-- Depends on: [${after}]
-- Type: insert_data
-- @up
COPY ${name} (n, label, touched) FROM stdin;
${data.join('\n')}
\\.
${note(id)}
-- @down
DELETE FROM ${name} WHERE n >= 10000;
-- @verify
SELECT count(*) = ${rows} FROM ${name} WHERE n >= 10000;
SELECT bool_and(touched) FROM ${name} WHERE n >= 10000;
`
}

const indexFile = (id: string, { after, name, family }: Placed) => `-- Depends on: [${after}]
-- Transaction: none
-- @up
${note(id, 1)}
CREATE INDEX CONCURRENTLY t${family}_label ON ${name} (label);
${note(id, 2)}
CREATE UNIQUE INDEX CONCURRENTLY t${family}_n_label ON ${name} (n, label);
${note(id, 3)}
-- @verify
SELECT count(*) = 3 FROM pg_index WHERE indrelid = '${name}'::regclass AND indisvalid;
`

const viewFile = (id: string, { after, name, family }: Placed) => `-- Depends on: [${after}]
-- Run: on_change
-- @up
CREATE OR REPLACE VIEW shop.v${family} AS SELECT n, upper(label) AS label FROM ${name};
${note(id)}
`

function roleFile(id: string, { after, family }: Pick<Placed, 'after' | 'family'>): string {
  const inHeader = family % 2 === 0
  return `-- Depends on: [${after}]
${inHeader ? `-- Role: ${OWNER_ROLE}\n` : ''}-- @up
${inHeader ? '' : `SET ROLE ${OWNER_ROLE};\n`}CREATE TABLE shop.owned${family} AS SELECT current_user::text AS who, n FROM generate_series(1, 50) AS n;
CREATE TEMPORARY TABLE scratch ON COMMIT DROP AS SELECT 1 AS one;
${note(id)}
-- @verify
SELECT bool_and(who = '${OWNER_ROLE}') FROM shop.owned${family};
`
}

interface Placed {
  readonly after: string
  readonly name: string
  readonly family: number
}

const enumValue = `-- Depends on: [001_base]
-- @up
CREATE TYPE shop.mood AS ENUM ('calm');
ALTER TYPE shop.mood ADD VALUE 'late';
${note('090_enum')}
`

const enumUse = `-- Depends on: [090_enum]
-- @up
CREATE TABLE shop.feeling (mood shop.mood DEFAULT 'late');
INSERT INTO shop.feeling DEFAULT VALUES;
${note('091_enum_use')}
`

/** What dumps and careless files leave behind in a session. */
const session = `-- Depends on: [001_base]
-- @up
SELECT pg_catalog.set_config('search_path', '', false);
SET statement_timeout = '59s';
CREATE TABLE shop.settings AS SELECT pg_catalog.current_setting('search_path') AS path;
LISTEN somebody;
PREPARE leftover AS SELECT 1;
${note('092_session')}
`

const upkeep = `-- Depends on: [013_index, 023_index]
-- Transaction: none
-- @up
REINDEX INDEX CONCURRENTLY shop.t1_label;
${note('093_upkeep', 1)}
DROP INDEX CONCURRENTLY shop.t2_n_label;
VACUUM shop.t1;
${note('093_upkeep', 2)}
SET ROLE ${OWNER_ROLE};
CREATE TABLE shop.owned_late AS SELECT current_user::text AS who;
`

/** Comes last in the plan although its id is early. Each statement commits by itself. */
const backfill = `-- Depends on: [051_t]
-- Blocking: false
-- Transaction: none
-- Lock timeout: 20s
-- @up
UPDATE shop.t5 SET label = label || ' filled' WHERE n <= 1000;
${note('002_backfill', 1)}
UPDATE shop.t5 SET label = label || ' filled' WHERE n > 1000;
${note('002_backfill', 2)}
-- @verify
SELECT bool_and(label LIKE '% filled' AND label NOT LIKE '% filled filled') FROM shop.t5;
`

const squash = `-- Depends on: [001_base]
-- Replaces: [081_gone, 082_gone]
-- @up
CREATE TABLE shop.squashed (n int PRIMARY KEY);
${note('094_squash')}
-- @down
DROP TABLE shop.squashed;
`

/** Names what the squash replaces. */
const afterSquash = `-- Depends on: [082_gone]
-- @up
INSERT INTO shop.squashed SELECT generate_series(1, 500);
${note('095_after_squash')}
-- @verify
SELECT count(*) = 500 FROM shop.squashed;
`

/** CALL runs at least once, so the procedure may meet what it did before. */
const batches = `-- Depends on: [001_base]
-- Transaction: none
-- @up
CREATE TABLE shop.batched (n int PRIMARY KEY);
CREATE PROCEDURE shop.fill() LANGUAGE plpgsql AS $$ BEGIN
  FOR batch IN 0..9 LOOP
    INSERT INTO shop.batched SELECT generate_series(batch * 50 + 1, batch * 50 + 50) ON CONFLICT DO NOTHING;
    COMMIT;
  END LOOP;
END $$;
${note('096_batches', 1)}
CALL shop.fill();
${note('096_batches', 2)}
-- @verify
SELECT count(*) = 500 FROM shop.batched;
`

/** Follows a view: both run on change. */
const summary = `-- Depends on: [014_view, 096_batches]
-- Run: on_change
-- @up
CREATE OR REPLACE VIEW shop.summary AS SELECT count(*) AS n FROM shop.v1, shop.batched;
${note('097_summary')}
`
