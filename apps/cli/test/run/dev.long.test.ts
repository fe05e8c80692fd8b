import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { buildWhenStale } from '../support/build-when-stale.ts'
import { SHOP } from '../support/project.ts'
import { DEPENDS, git, openBranch, startDev } from '../support/start-dev.ts'

beforeAll(buildWhenStale)

test('a branch of git changes many files, and the folder goes and comes back', async () => {
  const project = await openBranch('none')
  const many = Array.from({ length: 50 }, (_, index) => `1${String(index).padStart(2, '0')}_many`)
  for (const id of many)
    await project.write(
      `migrations/${id}.sql`,
      `${DEPENDS}-- @up\nCREATE TABLE m${id} (id int PRIMARY KEY);\n`,
    )
  git(project.folder, 'add', '.')
  git(project.folder, 'commit', '--quiet', '-m', 'many')
  git(project.folder, 'switch', '--quiet', 'main')
  const dev = startDev(project)
  await dev.next('checked')
  git(project.folder, 'switch', '--quiet', 'feature')
  const seen = new Set<unknown>()
  while (seen.size < many.length) {
    const { saved } = await dev.next('checked')
    for (const id of Array.isArray(saved) ? saved : []) seen.add(id)
  }
  expect([...seen].sort()).toEqual(many)
  await rm(join(project.folder, 'migrations'), { recursive: true })
  await dev.next('problems')
  await mkdir(join(project.folder, 'migrations'))
  await project.write('migrations/001_users.sql', String(SHOP['migrations/001_users.sql']))
  expect((await dev.next('checked'))['removed']).toHaveLength(52)
  expect(await dev.end()).toBe(130)
})

test.each([
  ['a protected database', { protected: true }, {}, 'the database is protected'],
  ['production', {}, { NODE_ENV: 'production' }, 'NODE_ENV is "production"'],
])('%s is never touched', async (_, config, env, why) => {
  const project = await openBranch('embedded', config)
  const dev = startDev(project, [], env)
  expect(await dev.next('watching')).toMatchObject({ applies: false, why })
  await dev.next('checked')
  expect(await dev.end()).toBe(130)
  expect(JSON.parse((await project.run(['status', '--json'])).stdout).summary ?? {}).not.toMatchObject({
    applied: 3,
  })
})

test('a saved configuration is read again', async () => {
  const project = await openBranch('embedded', { protected: true })
  const dev = startDev(project)
  expect(await dev.next('watching')).toMatchObject({ applies: false })
  await dev.next('checked')
  await project.write('tidemark.config.json', '{ "protected": }')
  await dev.next('failed')
  await project.write('tidemark.config.json', '{}')
  expect(await dev.next('watching')).toMatchObject({ applies: true })
  expect(await dev.next('applied')).toMatchObject({ action: 'apply' })
  expect(await dev.end()).toBe(130)
})
