import { cp, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { originalFolder } from '@tidemark/import/testing'
import { afterEach, beforeAll, expect, test } from 'vitest'
import { buildWhenStale } from '../support/build-when-stale.ts'
import { createProject, type Project } from '../support/project.ts'

let project: Project
beforeAll(buildWhenStale)
afterEach(() => project.remove())

async function refused(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await project.run(['import', ...args])
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  return stderr
}

test('a misspelt format is suggested, an unknown one gets the list', async () => {
  project = await createProject({})
  expect(await refused('dbmatte')).toBe(
    'error TM7008: unknown format "dbmatte"\nhelp: did you mean `tidemark import dbmate`?\n',
  )
  expect(await refused('rails')).toBe(
    'error TM7008: unknown format "rails"\nhelp: one of supabase, prisma, drizzle, dbmate, goose, golang-migrate, flyway, diesel, hasura, liquibase, sql-migrate, sqlx, sqitch, graphile-migrate, node-pg-migrate, sourcegraph, atlas, plain\n',
  )
})

test('a folder that is missing, is a file, or is empty is reported', async () => {
  project = await createProject({ 'a.sql': '', 'empty/.keep': '' })
  const help = 'help: name the folder with the migrations of the other tool: `--from FOLDER`\n'
  expect(await refused('--from', 'nowhere')).toBe(`error TM7020: "nowhere" does not exist\n${help}`)
  expect(await refused('--from', 'a.sql')).toBe(`error TM7021: "a.sql" is a file\n${help}`)
  expect(await refused('--from', 'empty')).toBe(
    'error TM7030: there is no migration of a known tool in "empty"\nhelp: name the tool and its folder: `tidemark import dbmate --from db/migrations`\n',
  )
})

test('the wrong format is corrected by what the files say', async () => {
  project = await createProject({})
  await cp(originalFolder('goose'), project.folder, { recursive: true })
  const help = 'help: there is goose: `tidemark import goose --from migrations`\n'
  expect(await refused('dbmate')).toBe(
    `error TM7030: there is no migration of dbmate in this folder\n${help}`,
  )
  expect(await refused('flyway', '--from', 'migrations')).toBe(
    `error TM7030: there is no migration of Flyway in "migrations"\n${help}`,
  )
})

test('a tool whose migrations are code is named, with the way over', async () => {
  project = await createProject({ 'knexfile.js': '', 'migrations/20240101000000_users.js': '' })
  expect(await refused()).toBe(
    "error TM7030: there is no migration of a known tool in this folder\nhelp: there is Knex (knexfile.js), whose migrations import does not read: record what it does: `tidemark import --record 'npx knex migrate:latest' --record-down 'npx knex migrate:down'`\n",
  )
  expect(await refused('--from', 'migrations')).toContain('there is Knex')
})

test('the root of a monorepo lists the folders that have migrations', async () => {
  project = await createProject({
    'services/api/migrations/1_a.sql': '-- +goose Up\nSELECT 1;\n',
    'apps/web/prisma/migrations/1_a/migration.sql': 'SELECT 1;\n',
  })
  expect(await refused()).toBe(
    'error TM7030: there is no migration of another tool in this folder itself; 2 folders below it have some\nhelp: choose one, and an `--out` of its own: `tidemark import prisma --from apps/web/prisma/migrations`, `tidemark import goose --from services/api/migrations`\n',
  )
})

test('files are written neither among those that are read nor around them', async () => {
  project = await createProject({})
  await cp(originalFolder('goose'), project.folder, { recursive: true })
  expect(await refused()).toBe(
    'error TM7008: the files would be written to "migrations", the folder that is read\nhelp: name another folder, such as `tidemark import goose --from migrations --out tidemark-migrations`, and make it `migrations` of the configuration\n',
  )
  expect(await refused('--out', 'migrations/new')).toContain('which overlaps "migrations", which is read')
})

test('text that is no UTF-8 refuses the whole import, unless no migration has it', async () => {
  project = await createProject({ 'db/migrations/1_a.sql': '-- migrate:up\nSELECT 1;\n' })
  const latin = Buffer.from("-- migrate:up\nSELECT 'gr\xfc\xdfe';\n", 'latin1')
  await mkdir(join(project.folder, 'db/migrations/seeds'))
  await writeFile(join(project.folder, 'db/migrations/seeds/words.sql'), latin)
  expect((await project.run(['import', '--dry-run'])).code).toBe(0)
  await writeFile(join(project.folder, 'db/migrations/2_b.sql'), latin)
  expect(await refused()).toContain('db/migrations/2_b.sql:2:11 error TM1025: byte 0xFC at offset 24')
  expect((await project.run(['validate'])).stderr).toContain('TM7020')
})

test('init finds the other tool, leaves its files alone, and import follows the configuration', async () => {
  project = await createProject({})
  await cp(originalFolder('golang-migrate'), project.folder, { recursive: true })
  expect(await project.run(['init'])).toEqual({
    code: 0,
    stdout: `✓ tidemark.config.json
✓ .gitignore

This is a golang-migrate project: the tracking tables go into the schema "tidemark".

Found migrations of golang-migrate: \`tidemark import\` takes them over, and overwrites nothing.

Next:
  tidemark import --dry-run  what would be imported
  tidemark import            write the files; with --adopt record what is applied
  tidemark new add_orders    write the next one
  tidemark help format       what a file looks like
`,
    stderr: '',
  })
  const { out, migrations } = JSON.parse((await project.run(['import', '--json'])).stdout)
  expect({ out, ids: migrations.map(({ id }: { id: string }) => id) }).toEqual({
    out: 'tidemark-migrations',
    ids: ['1_users', '2_posts', '2_posts-2', '10_posts_index'],
  })
  expect((await project.run(['validate'])).code).toBe(0)
})

test('a section of dbmate that loses its transaction is reported only where it could stop half way', async () => {
  const up = '-- migrate:up transaction:false\nCREATE INDEX CONCURRENTLY i ON t (a);\n-- migrate:down'
  project = await createProject({
    'db/migrations/1_a.sql': `${up}\n`,
    'db/migrations/2_b.sql': `${up}\nDROP INDEX i;\n`,
    'db/migrations/3_c.sql': `${up}\nDROP INDEX i;\nDELETE FROM t;\n`,
  })
  const { code, stdout } = await project.run(['import', '--json'])
  expect({ code, findings: JSON.parse(stdout).findings }).toEqual({
    code: 0,
    findings: [
      {
        code: 'TM7032',
        severity: 'note',
        message: 'rolling it back does nothing, as with the other tool: "SELECT 1;" is added',
        help: null,
        path: 'db/migrations/1_a.sql',
        line: null,
        column: null,
      },
      {
        code: 'TM7033',
        severity: 'warning',
        message: 'only one of its sections ran without a transaction: now both do',
        help: 'if that section must not stop half way, move it into a migration of its own',
        path: 'db/migrations/3_c.sql',
        line: 1,
        column: 1,
      },
    ],
  })
})
