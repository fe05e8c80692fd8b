import { cp, rm, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { buildWhenStale } from '../support/build-when-stale.ts'
import { openToolProject, readFolder } from '../support/tool-project.ts'

beforeAll(buildWhenStale)

const TOOLS: readonly {
  readonly name: string
  readonly up: string
  readonly down: string | undefined
  readonly files: Readonly<Record<string, string>>
}[] = [
  {
    name: 'typeorm',
    up: 'node_modules/.bin/typeorm migration:run -d data-source.js',
    down: 'node_modules/.bin/typeorm migration:revert -d data-source.js',
    files: {
      '1700000000000_CreateUsers.sql':
        'CREATE TABLE "users" ("id" SERIAL NOT NULL, "email" varchar NOT NULL, CONSTRAINT "UQ_97672ac88f789774dd47f7c8be3" UNIQUE ("email"), CONSTRAINT "PK_a3ffb1c0c8416b9fc6f907b7433" PRIMARY KEY ("id"));\n\n-- @down\nDROP TABLE "users";\n',
      '1700000000001_SeedUsers.sql':
        "INSERT INTO users (email) SELECT unnest(('{ada@example.com,o''neil@example.com}'::text[])::text[]);\n\n-- @down\nDELETE FROM users WHERE email = ANY ('{ada@example.com,o''neil@example.com}'::text[]);\n",
    },
  },
  {
    name: 'sequelize',
    up: 'node_modules/.bin/sequelize-cli db:migrate',
    down: 'node_modules/.bin/sequelize-cli db:migrate:undo',
    files: {
      '20240101000000-users.sql': `DO 'BEGIN CREATE TYPE "public"."enum_Users_mood" AS ENUM(''calm'', ''wild''); EXCEPTION WHEN duplicate_object THEN null; END';
CREATE TABLE IF NOT EXISTS "Users" ("id"  SERIAL , "mood" "public"."enum_Users_mood" NOT NULL, PRIMARY KEY ("id"));
CREATE INDEX "users_mood" ON "Users" ("mood");

-- @down
DROP TABLE IF EXISTS "Users";
DROP TYPE "enum_Users_mood";
`,
      '20240102000000-seed.sql': `INSERT INTO "Users" ("mood") VALUES ('wild');
ALTER TABLE "public"."Users" ADD COLUMN "bio" TEXT;

-- @down
ALTER TABLE "public"."Users" DROP COLUMN "bio";
DELETE FROM "Users" WHERE "mood" = 'wild';
`,
    },
  },
  {
    name: 'kysely',
    up: 'node migrate.js',
    down: 'node migrate.js down',
    files: {
      '001_pets.sql':
        'create table "pets" ("id" serial primary key, "name" text not null, "born" timestamptz default now());\n\n-- @down\ndrop table "pets";\n',
      '002_seed.sql': `insert into "pets" ("name", "born") values ('Rex'::text, '1970-01-01 00:00:00+00'::timestamp with time zone);
update "pets" set "name" = ('Rex I'::text) where "id" = '1'::integer;

-- @down
delete from "pets";
`,
    },
  },
  {
    name: 'drizzle',
    up: 'node migrate.js',
    down: undefined,
    files: {
      '1700000000000.sql':
        'CREATE TABLE "users" ("id" serial PRIMARY KEY NOT NULL);\nCREATE UNIQUE INDEX "users_id" ON "users" ("id");\n',
      '1700000000001.sql': 'ALTER TABLE "users" ADD COLUMN "bio" text;\n',
    },
  },
  {
    name: 'mikro-orm',
    up: 'node migrate.js',
    down: 'node migrate.js down',
    files: {
      'Migration20240101000000.sql':
        'create table "books" ("id" serial primary key, "title" text not null);\n\n-- @down\ndrop table "books";\n',
      'Migration20240102000000.sql': `alter table "books" add column "isbn" text null;
insert into books (title) values ('what; a title');

-- @down
delete from books where title = 'what; a title';
alter table "books" drop column "isbn";
`,
    },
  },
]

test.each(TOOLS)('$name is recorded, and its files make what it made', async ({ name, up, down, files }) => {
  const project = await openToolProject(name)
  const back = down === undefined ? [] : ['--record-down', down]
  const args = ['import', '--record', up, ...back, '--out', 'tidemark', '--yes']
  const { code, stdout } = await project.run(args)
  expect({ code, stdout }).toEqual({
    code: 0,
    stdout: expect.stringContaining('✓ equal: on an empty database'),
  })
  const written = Object.entries(await readFolder(join(project.folder, 'tidemark')))
  expect(Object.fromEntries(written.map(([file, text]) => [file, text.split('-- @up\n')[1]]))).toEqual(files)
  expect((await project.run(['validate', '--dir', 'tidemark'])).code).toBe(0)
})

/** Prisma's engine is a program that npm does not have: it is tried where somebody has installed both. */
const prismaFolder = process.env['TIDEMARK_TEST_PRISMA']
const why = prismaFolder === undefined ? ' (skipped: TIDEMARK_TEST_PRISMA names no folder with Prisma)' : ''

test.skipIf(prismaFolder === undefined)(`Prisma is recorded${why}`, async () => {
  const project = await openToolProject('prisma')
  await rm(join(project.folder, 'node_modules'))
  await symlink(join(prismaFolder ?? '', 'node_modules'), join(project.folder, 'node_modules'), 'junction')
  // An engine in JavaScript is named in it.
  await cp(join(prismaFolder ?? '', 'prisma.config.ts'), join(project.folder, 'prisma.config.ts')).catch(
    () => undefined,
  )
  const env = Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) =>
      name.startsWith('PRISMA_') && value !== undefined ? [[name, value] as const] : [],
    ),
  )
  const args = ['import', '--record', 'node_modules/.bin/prisma migrate deploy', '--out', 'tidemark', '--yes']
  const { code, stdout, stderr } = await project.run(args, { env })
  expect({ code, stdout, stderr }).toMatchObject({ code: 0, stdout: expect.stringContaining('✓ equal:') })
  expect(await readFolder(join(project.folder, 'tidemark'))).toEqual({
    '20240101000000_users.sql': `-- Migration: 20240101000000_users
-- Description: users
-- Type: create_table
-- Depends on: []

-- @up
CREATE TABLE "User" ("id" SERIAL PRIMARY KEY, "email" TEXT NOT NULL);
`,
    '20240102000000_posts.sql': `-- Migration: 20240102000000_posts
-- Description: posts
-- Type: custom_sql
-- Depends on: [20240101000000_users]

-- @up
CREATE TABLE "Post" ("id" SERIAL PRIMARY KEY, "author" INTEGER NOT NULL REFERENCES "User"("id"));
INSERT INTO "User" ("email") VALUES ('it''s one');
`,
  })
})
