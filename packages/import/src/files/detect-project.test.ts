import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { detectProject } from './detect-project.ts'
import { findProjectsBelow } from './find-projects-below.ts'
import { readForeignFolder } from './read-foreign-files.ts'

let folder: string
beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'tidemark-detect-')))
})
afterEach(() => rm(folder, { recursive: true }))

async function write(path: string, text = ''): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true })
  await writeFile(join(folder, path), text)
}

async function detect(): Promise<readonly string[]> {
  const projects = await detectProject(folder)
  return projects.map(
    ({ format, folder: found, hasMigrations }) =>
      `${format} ${relative(folder, found)}${hasMigrations ? '' : ' (empty)'}`,
  )
}

test('an empty folder, and one with migrations of Tidemark, is no project of another tool', async () => {
  expect(await detect()).toEqual([])
  await write('migrations/001_a.sql', '-- @up\nSELECT 1;\n')
  expect(await detect()).toEqual([])
})

test('a project that is set up without a migration is reported as such', async () => {
  await write('supabase/config.toml')
  await write('prisma/schema.prisma')
  expect(await detect()).toEqual(['supabase supabase/migrations (empty)', 'prisma prisma/migrations (empty)'])
})

test('a tool whose files import does not read is named', async () => {
  await write('migrations/1_a.sql', '-- rambler up\nSELECT 1;\n-- rambler down\nSELECT 2;\n')
  expect((await detectProject(folder)).map(({ format, otherTool }) => [format, otherTool])).toEqual([
    ['plain', 'rambler'],
  ])
})

test('a folder of Sqitch that is named by itself is seen with its plan', async () => {
  await write('deploy/a.sql', 'SELECT 1;')
  await write('sqitch.plan')
  const { files } = await readForeignFolder(join(folder, 'deploy'))
  expect(files.map(({ name }) => name)).toEqual(['a.sql', '../sqitch.plan'])
})

test('a link to a folder is named, since its files are not read', async () => {
  await write('real/1_a.sql', 'SELECT 1;')
  await symlink(join(folder, 'real'), join(folder, 'linked'))
  const { files } = await readForeignFolder(folder)
  expect(files.map(({ name }) => name)).toEqual(['linked/', 'real/1_a.sql'])
})

test('two tools side by side are both found, plain files last', async () => {
  await write('migrations/1_a.sql', 'SELECT 1;')
  await write('prisma/migrations/1_a/migration.sql', 'SELECT 1;')
  await write('supabase/migrations/1_a.sql', 'SELECT 1;')
  expect(await detect()).toEqual([
    'supabase supabase/migrations',
    'prisma prisma/migrations',
    'plain migrations',
  ])
})

test('files without a mark are of the tool whose configuration is there', async () => {
  await write('migrations/1_a.up.sql', 'SELECT 1;')
  expect(await detect()).toEqual(['golang-migrate migrations'])
  await write('sqlx.toml')
  expect(await detect()).toEqual(['sqlx migrations'])
})

test('Sqitch may have its files in the folder of the project, where nothing else is looked at', async () => {
  await write('sqitch.conf', '[core]\n\tengine = pg\n')
  await write('sqitch.plan', '%project=x\na 2024-01-01T00:00:00Z A <a@b.c>\n')
  for (const path of ['deploy/a.sql', 'migrations/a.sql', 'src/b.sql']) await write(path, 'SELECT 1;')
  expect(await detect()).toEqual(['sqitch ', 'plain migrations'])
  const { files } = await readForeignFolder(folder)
  expect(files.map(({ name }) => name)).toEqual(['deploy/a.sql', 'sqitch.conf', 'sqitch.plan'])
})

test('projects below the root of a monorepo are found, plain files only where there is no tool', async () => {
  await write('services/api/migrations/1_a.sql', '-- +goose Up\nSELECT 1;\n')
  await write('apps/web/prisma/migrations/1_a/migration.sql', 'SELECT 1;')
  await write('docs/sql/example.sql', 'SELECT 1;')
  await write('node_modules/x/migrations/1_a.sql', '-- +goose Up\nSELECT 1;\n')
  const below = async () =>
    (await findProjectsBelow(folder)).map(
      ({ format, folder: found }) => `${format} ${relative(folder, found)}`,
    )
  expect(await below()).toEqual(['prisma apps/web/prisma/migrations', 'goose services/api/migrations'])
  await rm(join(folder, 'services'), { recursive: true })
  await rm(join(folder, 'apps'), { recursive: true })
  expect(await below()).toEqual(['plain docs/sql'])
})
