import { unlink } from 'node:fs/promises'
import { join } from 'node:path'
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

const NUMBERED =
  '-- @up\nCREATE TABLE numbered (id int);\n-- @down\nDROP TABLE numbered;\n-- @verify\nSELECT true;\n'

test('an exact id of the database wins over a file that begins with it, in every command', async () => {
  const { run, write, folder, server } = await openProject(
    { 'migrations/001_a.sql': '-- @up\nSELECT 1;\n-- @down\nSELECT 1;\n', 'migrations/002.sql': NUMBERED },
    'server',
  )
  await run(['up'])
  await unlink(join(folder, 'migrations/002.sql'))
  await write('migrations/002_x.sql', NUMBERED)
  const idsOf = async (...args: readonly string[]): Promise<unknown> => {
    const { stdout } = await run([...args, '--json'])
    const { steps, attempts, migrations, error } = JSON.parse(stdout)
    const ids = [...(steps ?? attempts ?? migrations ?? [])].map((one) => one.id ?? one.migrationId)
    return error === undefined ? ids : error.message
  }
  expect(await idsOf('history', '002')).toEqual(['002'])
  expect(await idsOf('verify', '002')).toEqual(['002'])
  expect(await idsOf('down', '--target', '002', '--dry-run')).toEqual(['002'])
  expect(await idsOf('down', '--to', '002', '--dry-run')).toEqual([])
  expect(await idsOf('mark', '002', '--as', 'rolled_back', '--dry-run')).toEqual(['002'])
  expect(await idsOf('redo', '002', '--dry-run')).toBe('"002" is applied, but its file is missing')
  for (const args of [
    ['up', '--target', '002'],
    ['up', '--rerun', '002'],
    ['plan', '--target', '002'],
    ['migrate', '--dry-run', '--target', '002'],
    ['baseline', '--through', '002', '--dry-run'],
  ]) {
    expect(await idsOf(...args)).toBe('no migration has the id "002"')
  }
  // TM4012, the list of differences and the manual name one way.
  const way = 'tidemark repair 002 --adopt'
  expect((await run(['up'])).stderr).toContain(`keep the new name: ${way}\n`)
  expect((await run(['repair'])).stdout).toContain(`record it under that name: ${way}\n`)
  for (const name of ['002', '002_x']) {
    expect((await run(['repair', name, '--yes'])).stderr).toContain(`as it is now: ${way}\n`)
  }
  expect((await run(['repair', '002', '--adopt', '--yes'])).code).toBe(0)
  expect((await run(['up'])).code).toBe(0)
  expect(await idsOf('down', '--target', '002_x', '--dry-run')).toEqual(['002_x'])
  expect(await server?.query('SELECT count(*)::int AS tables FROM numbered')).toEqual([{ tables: 0 }])
})

test('a number means what the database remembers where no file begins with it', async () => {
  const { run, folder } = await openProject(SHOP, 'server')
  await run(['up', '--target', '002_posts'])
  await unlink(join(folder, 'migrations/002_posts.sql'))
  await unlink(join(folder, 'migrations/003_posts_author.sql'))
  const { code, stdout } = await run(['down', '--target', '002', '--yes'])
  expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining('✓ 002_posts') })
})

test('a number is completed before the database exists that the command creates', async () => {
  const { run, server } = await openProject(SHOP, 'server')
  const url = new URL(server?.url ?? '')
  const name = `${url.pathname.slice(1)}_new`
  url.pathname = `/${name}`
  const outcome = await run(['up', '--create-db', '--target', '001', '--database-url', url.href])
  expect(outcome).toMatchObject({ code: 0, stdout: expect.stringContaining('✓ 1 migration applied') })
  await server?.query(`DROP DATABASE "${name}"`)
})

test('an exact id wins over one that it begins, also where only files are read', async () => {
  const squash = '-- Replaces: [001_users]\n-- @up\nCREATE TABLE users (id int PRIMARY KEY);\n'
  const { run, write } = await openProject({
    ...SHOP,
    'migrations/00.sql': squash,
    'migrations/9.sql.sql': '-- @up\nSELECT 9;\n',
    'migrations/9.sql': '-- @up\nSELECT 8;\n',
  })
  expect(JSON.parse((await run(['show', '9.sql', '--json'])).stdout).id).toBe('9.sql')
  expect(JSON.parse((await run(['show', '9', '--json'])).stdout).id).toBe('9')
  expect((await run(['show', '00'])).stderr).toContain('"00" is ignored while files that it replaces')
  await write('migrations/0.sql', '-- @up\nSELECT 0;\n')
  expect((await run(['new', 'next', '--depends-on', '0'])).code).toBe(0)
})
