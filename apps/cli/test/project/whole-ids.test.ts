import { beforeAll, expect, test } from 'vitest'
import { buildWhenStale } from '../support/build-when-stale.ts'
import { openProject, SHOP } from '../support/project.ts'

beforeAll(buildWhenStale)

test('a number is completed to the id that it begins, in every command that takes one', async () => {
  const { run } = await openProject(SHOP, 'server')
  expect((await run(['plan', '--target', '002'])).stdout).toContain('Not included: 003_posts_author.')
  expect((await run(['up', '--target', '002'])).stdout).toContain('2 migrations applied')
  expect((await run(['history', '002'])).stdout).toContain('1 attempt')
  expect((await run(['verify', '001'])).code).toBe(0)
  expect((await run(['redo', '002', '--yes'])).stdout).toContain('1 migration rolled back, 1 applied')
  for (const as of ['completed', 'pending']) {
    expect((await run(['mark', '003', '--as', as, '--yes'])).code).toBe(0)
  }
  expect((await run(['down', '--to', '001', '--yes'])).code).toBe(0)
  expect((await run(['status'])).stdout).toContain('1 applied, 2 pending')
})

test('a number that begins several ids is refused, naming them; one that begins none is unknown', async () => {
  const { run, write } = await openProject(SHOP, 'server')
  await write('migrations/002_tags.sql', '-- @up\nSELECT 1;\n')
  expect(await run(['up', '--target', '002'])).toEqual({
    code: 2,
    stdout: '',
    stderr: 'error TM2007: "002" matches 2 ids\nhelp: name one of 002_posts, 002_tags\n',
  })
  const unknown = await run(['up', '--target', '00'])
  expect(unknown).toMatchObject({ code: 2, stderr: expect.stringContaining('no migration has the id "00"') })
})
