import { chmod, chown, mkdir, readdir, readFile, stat, symlink, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { buildWhenStale } from '../support/build-when-stale.ts'
import { openProject } from '../support/project.ts'
import { ENTRY, runTidemark } from '../support/run-tidemark.ts'

beforeAll(buildWhenStale)

const COUNT = 40
const id = (index: number) => `${String(index).padStart(3, '0')}_t`
const fileOf = (index: number) =>
  `-- Type: create_table\n${index === 0 ? '' : `-- Depends on: [${id(index - 1)}]\n`}-- @up\nCREATE TABLE t${index} (id int);\n-- @down\nDROP TABLE t${index};\n`

async function projectOfMany(engine: 'embedded' | 'none') {
  const files = Array.from({ length: COUNT }, (_, index) => [`migrations/${id(index)}.sql`, fileOf(index)])
  const project = await openProject(Object.fromEntries(files), engine)
  const cache = join(project.folder, 'cache')
  const run = (...args: readonly string[]) => project.run(args, { env: { XDG_CACHE_HOME: cache } })
  return { ...project, run, known: join(cache, 'tidemark/files') }
}

test('files that are known are applied, rolled back and shown as if they were parsed', async () => {
  const { run, known } = await projectOfMany('embedded')
  const first = await run('validate')
  expect(first).toMatchObject({
    code: 0,
    stdout: `✓ ${COUNT} migrations, no problem; head: ${id(COUNT - 1)}\n`,
  })
  expect(await readdir(known)).toHaveLength(1)
  expect(await run('validate')).toEqual(first)
  expect((await run('up')).stdout).toContain(`✓ ${COUNT} migrations applied`)
  expect((await run('down', '--yes')).stdout).toContain('✓ 1 migration rolled back')
  expect((await run('status')).stdout).toContain(`${COUNT - 1} applied, 1 pending`)
  expect((await run('show', id(3))).stdout).toContain('CREATE TABLE t3 (id int);')
})

test('a known file that changes is reported, whatever it becomes', async () => {
  const { run, write } = await projectOfMany('embedded')
  await run('up')
  await write(`migrations/${id(5)}.sql`, fileOf(5).replace('id int', 'id text'))
  const changed = await run('up')
  expect(changed.code).toBe(4)
  expect(changed.stderr).toContain(`TM4001: "${id(5)}" has changed since it was applied: @up`)
  await write(`migrations/${id(5)}.sql`, `${fileOf(5)}-- @dwon\n`)
  expect(await run('validate')).toMatchObject({ code: 2, stderr: expect.stringContaining('TM1010') })
  await write(`migrations/${id(5)}.sql`, fileOf(5).replaceAll('\n', '\r\n'))
  expect((await run('status')).code).toBe(0)
})

const runWith = (cwd: string, env: Readonly<Record<string, string>>) =>
  runTidemark(['validate'], { cwd, env })

const OK = { code: 0, stdout: `✓ ${COUNT} migrations, no problem; head: ${id(COUNT - 1)}\n`, stderr: '' }

const onlyFile = async (folder: string) => {
  const [name = ''] = await readdir(folder)
  return join(folder, name)
}

test.each([
  ['is empty', () => Buffer.alloc(0)],
  ['ends early', (whole: Buffer) => whole.subarray(0, whole.length >> 1)],
  ['is damaged in the middle', (whole: Buffer) => Buffer.from(whole).fill('}', 60, 61)],
  ['is something else', () => Buffer.from('{}')],
])('what is kept and %s is not trusted, and written again', async (_, damage) => {
  const { run, known } = await projectOfMany('none')
  expect(await run('validate')).toEqual(OK)
  const path = await onlyFile(known)
  const whole = await readFile(path)
  await writeFile(path, damage(whole))
  expect(await run('validate')).toEqual(OK)
  expect(await readFile(path)).toEqual(whole)
})

test.skipIf(process.platform === 'win32')('what is kept is for this user alone', async () => {
  const { run, known } = await projectOfMany('none')
  await run('validate')
  const path = await onlyFile(known)
  expect((await stat(path)).mode & 0o777).toBe(0o600)
  expect((await stat(known)).mode & 0o777).toBe(0o700)
  await chmod(path, 0o666)
  expect(await run('validate')).toEqual(OK)
  expect((await stat(path)).mode & 0o777).toBe(0o600)
})

test.skipIf(process.geteuid?.() !== 0)('what another user wrote is not trusted', async () => {
  const { run, known } = await projectOfMany('none')
  await run('validate')
  const path = await onlyFile(known)
  await chown(path, 65534, 65534)
  expect(await run('validate')).toEqual(OK)
  expect((await stat(path)).uid).toBe(0)
})

test('a cache that cannot be written changes nothing else', async () => {
  const { run, write } = await projectOfMany('none')
  await write('cache', 'a file where the folder should be')
  expect(await run('validate')).toEqual(OK)
})

test('nothing is kept where Node is set to keep no code', async () => {
  const { run, folder } = await projectOfMany('none')
  expect(await run('validate')).toEqual(OK)
  const empty = join(folder, 'empty')
  expect(await runWith(folder, { XDG_CACHE_HOME: empty, NODE_DISABLE_COMPILE_CACHE: '1' })).toEqual(OK)
  await expect(readdir(empty)).rejects.toThrow('ENOENT')
})

test.skipIf(process.geteuid?.() !== 0)('nothing is kept in the home folder of another user', async () => {
  const { folder } = await projectOfMany('none')
  const home = join(folder, 'home')
  await mkdir(home)
  await chown(home, 65534, 65534)
  expect(await runWith(folder, { HOME: home, XDG_CACHE_HOME: '' })).toEqual(OK)
  expect(await readdir(home)).toEqual([])
})

test.skipIf(process.geteuid?.() !== 0)('a link of another user is not followed', async () => {
  const { run, folder, known } = await projectOfMany('none')
  const files = join(folder, 'files')
  for (const name of 'abcdef') await mkdir(join(files, name), { recursive: true })
  await mkdir(join(known, '..'), { recursive: true })
  await symlink(files, known)
  await chown(join(known, '..'), 65534, 65534)
  expect(await run('validate')).toEqual(OK)
  expect(await readdir(files)).toEqual(['a', 'b', 'c', 'd', 'e', 'f'])
})

test.each([
  // Nobody makes a folder below a file.
  ['XDG_CACHE_HOME is relative', { HOME: ENTRY, XDG_CACHE_HOME: 'kept' }],
  ['HOME is empty', { HOME: '', XDG_CACHE_HOME: '' }],
])('nothing is kept in the working folder where %s', async (_, env) => {
  const { folder } = await projectOfMany('none')
  const before = await readdir(folder)
  expect(await runWith(folder, env)).toEqual(OK)
  expect(await readdir(folder)).toEqual(before)
})

test.skipIf(process.platform !== 'linux')(
  'a file system that denies every folder delays nothing',
  async () => {
    const { folder } = await projectOfMany('none')
    expect(await runWith(folder, { XDG_CACHE_HOME: '/proc/nowhere' })).toEqual(OK)
  },
)

test('what is known of 32 folders is kept', async () => {
  const { run, known } = await projectOfMany('none')
  await mkdir(known, { recursive: true })
  for (let age = 1; age <= 34; age += 1) {
    const at = new Date(Date.now() - age * 60_000)
    await writeFile(join(known, `old-${age}`), '')
    await utimes(join(known, `old-${age}`), at, at)
  }
  expect(await run('validate')).toEqual(OK)
  const left = await readdir(known)
  expect(left).toHaveLength(32)
  expect(left).toContain('old-31')
})

test('what another tracking schema lets a file do is known of that schema alone', async () => {
  const { run, write } = await projectOfMany('none')
  await write('migrations/900_drop.sql', '-- @up\nDROP SCHEMA tracked;\n')
  expect((await run('validate')).code).toBe(0)
  const refused = await run('validate', '--schema', 'tracked')
  expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('TM1022') })
})
