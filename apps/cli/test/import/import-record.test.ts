import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { beforeAll, expect, test } from 'vitest'
import { buildWhenStale } from '../support/build-when-stale.ts'
import { openToolProject, readFolder } from '../support/tool-project.ts'

beforeAll(buildWhenStale)

const EQUAL =
  /^✓ equal: on an empty database the \d files make the schema that .* left \(PostgreSQL [\d.]+, embedded\)$/m

test('Knex is recorded: parameters as literals, its own transactions, and the way back', async () => {
  const project = await openToolProject('knex')
  const { code, stdout } = await project.run([
    'import',
    ...[
      '--record',
      'node_modules/.bin/knex migrate:latest',
      '--record-down',
      'node_modules/.bin/knex migrate:down',
    ],
    ...['--out', 'tidemark', '--yes'],
  ])
  expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(EQUAL) })
  expect(await readFolder(join(project.folder, 'tidemark'))).toEqual({
    '20240101000000_users.sql': `-- Migration: 20240101000000_users
-- Description: users
-- Type: custom_sql
-- Depends on: []

-- @up
CREATE TYPE mood AS ENUM ('calm', 'wild');
create table "users" ("id" serial primary key, "email" varchar(255) not null, "mood" mood default 'calm', "settings" jsonb default '{}');
alter table "users" add constraint "users_email_unique" unique ("email");

-- @down
drop table "users";
DROP TYPE mood;
`,
    '20240102000000_seed.sql': `-- Migration: 20240102000000_seed
-- Description: seed
-- Type: insert_data
-- Depends on: [20240101000000_users]

-- @up
insert into "users" ("email", "mood", "settings") values ('o''neil@example.com'::character varying, 'wild'::mood, E'{"path": "C:\\\\\\\\temp"}'::jsonb), ('ada@example.com'::character varying, DEFAULT, DEFAULT);

-- @down
delete from "users" where "email" like ('%@example.com'::text);
`,
    '20240103000000_index.sql': `-- Migration: 20240103000000_index
-- Description: index
-- Type: create_index
-- Depends on: [20240102000000_seed]
-- Transaction: none

-- @up
CREATE INDEX CONCURRENTLY users_mood ON users (mood);

-- @down
DROP INDEX CONCURRENTLY users_mood;
`,
  })
  const page = await readFile(fileURLToPath(new URL('../../../../docs/import.md', import.meta.url)), 'utf8')
  for (const name of ['knexfile.js', 'migrations/20240102000000_seed.js', 'tidemark/20240102000000_seed.sql'])
    expect(page).toContain(await readFile(join(project.folder, name), 'utf8'))
  const validated = await project.run(['validate', '--dir', 'tidemark'])
  expect(validated.code).toBe(0)
})

test('node-pg-migrate in JavaScript is recorded; a migration without a way back is irreversible', async () => {
  const project = await openToolProject('node-pg-migrate')
  const { code, stdout } = await project.run([
    'import',
    ...[
      '--record',
      'node_modules/.bin/node-pg-migrate up',
      '--record-down',
      'node_modules/.bin/node-pg-migrate down',
    ],
    ...['--out', 'tidemark', '--yes'],
  ])
  expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(EQUAL) })
  expect(await readFolder(join(project.folder, 'tidemark'))).toEqual({
    '1700000000000_users.sql': `-- Migration: 1700000000000_users
-- Description: users
-- Type: custom_sql
-- Depends on: []

-- @up
CREATE TABLE "users" (
  "id" serial PRIMARY KEY,
  "name" text NOT NULL
);
COMMENT ON COLUMN "users"."name" IS $pga$the user's name$pga$;
CREATE FUNCTION "greet"(text)
  RETURNS text
  AS $pga$BEGIN RETURN 'hello; ' || $1; END$pga$
  VOLATILE
  LANGUAGE plpgsql;
`,
    '1700000000001_posts.sql': `-- Migration: 1700000000001_posts
-- Description: posts
-- Type: create_table
-- Depends on: [1700000000000_users]

-- @up
CREATE TABLE "posts" (
  "id" serial PRIMARY KEY,
  "author" integer NOT NULL REFERENCES "users"
);
SELECT greet('all');

-- @down
DROP TABLE "posts";
`,
  })
  expect(stdout).toContain(
    '1700000000000_users warning TM7033: node-pg-migrate did not roll it back: it has no @down',
  )
})

test('with --dry-run the command runs, and nothing is written', async () => {
  const project = await openToolProject('knex')
  const args = [
    'import',
    '--record',
    'node_modules/.bin/knex migrate:latest',
    '--out',
    'tidemark',
    '--dry-run',
    '--yes',
    '--json',
  ]
  const { code, stdout, stderr } = await project.run(args)
  expect({ code, stderr }).toEqual({ code: 0, stderr: 'Batch 1 run: 3 migrations\n' })
  expect(JSON.parse(stdout)).toMatchObject({
    format: 'knex',
    source: '`node_modules/.bin/knex migrate:latest`',
    dryRun: true,
    migrations: [
      { id: '20240101000000_users', state: 'written', reversible: false },
      { id: '20240102000000_seed', state: 'written', reversible: false },
      { id: '20240103000000_index', state: 'written', transaction: 'none' },
    ],
    check: { engine: 'pglite', equal: true, differences: [], notChecked: null },
  })
  expect(existsSync(join(project.folder, 'tidemark'))).toBe(false)
})

test('databases that Knex has migrated are adopted', async () => {
  const project = await openToolProject('knex', 'server')
  const knex = ['node_modules/.bin/knex', 'migrate:up', '--connection', project.database, '--client', 'pg']
  for (const _ of [1, 2])
    await promisify(execFile)(
      process.execPath,
      knex.map((word, at) => (at === 0 ? 'node_modules/knex/bin/cli.js' : word)),
      { cwd: project.folder },
    )
  const args = [
    'import',
    '--record',
    'node_modules/.bin/knex migrate:latest',
    '--dir',
    'tidemark',
    '--yes',
    '--adopt',
  ]
  const { code, stdout } = await project.run(args)
  expect({ code, stdout }).toEqual({
    code: 0,
    stdout: expect.stringContaining('✓ 2 migrations applied by Knex, 2 recorded\n'),
  })
  const status = JSON.parse((await project.run(['status', '--dir', 'tidemark', '--json'])).stdout)
  expect(status.migrations.map(({ id, state }: { id: string; state: string }) => [id, state])).toEqual([
    ['20240101000000_users', 'applied'],
    ['20240102000000_seed', 'applied'],
    ['20240103000000_index', 'pending'],
  ])
})
