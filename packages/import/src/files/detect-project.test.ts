import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { detectProject } from './detect-project.ts'

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

test('a project that is set up without a migration is told as such', async () => {
  await write('supabase/config.toml')
  await write('prisma/schema.prisma')
  expect(await detect()).toEqual(['supabase supabase/migrations (empty)', 'prisma prisma/migrations (empty)'])
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
