import { chmod, chown, mkdir, readdir, readFile, stat, symlink, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { buildWhenStale } from '../support/build-when-stale.ts'
import { openProject, type Project } from '../support/project.ts'
import { ENTRY } from '../support/run-tidemark.ts'

beforeAll(buildWhenStale, 120_000)

const OK = { code: 0, stdout: '✓ 1 migration, no problem; head: 001_users\n', stderr: '' }

async function projectWithCache(): Promise<Project & { readonly builds: string }> {
  const project = await openProject({ 'migrations/001_users.sql': '-- @up\nCREATE TABLE users (id int);\n' })
  return { ...project, builds: join(project.folder, 'cache/tidemark/code') }
}

const validate = ({ folder, run }: Project, env: Readonly<Record<string, string>> = {}) =>
  run(['validate'], { env: { XDG_CACHE_HOME: join(folder, 'cache'), ...env } })

const kept = async (builds: string) => {
  const [build = ''] = await readdir(builds)
  return join(builds, build, 'validate')
}

test('compiled code is kept for this user alone, and is that of the second start from then on', async () => {
  const project = await projectWithCache()
  expect(await validate(project)).toEqual(OK)
  const path = await kept(project.builds)
  const first = await stat(path)
  expect(await validate(project)).toEqual(OK)
  const before = await stat(path)
  expect(before.ino).not.toBe(first.ino)
  expect(before.size).toBeGreaterThan(100_000)
  if (process.platform !== 'win32') {
    expect(before.mode & 0o777).toBe(0o600)
    expect((await stat(project.builds)).mode & 0o777).toBe(0o700)
  }
  expect(await validate(project)).toEqual(OK)
  expect((await stat(path)).ino).toBe(before.ino)
})

test.each([
  ['is empty', () => Buffer.alloc(0)],
  ['ends early', (code: Buffer) => code.subarray(0, code.length >> 1)],
  ['is damaged in the middle', (code: Buffer) => Buffer.from(code).fill(0xa5, code.length >> 1)],
  ['is something else', () => Buffer.from('no code')],
])('code that %s is not run, and made anew', async (_, damage) => {
  const project = await projectWithCache()
  await validate(project)
  const path = await kept(project.builds)
  const whole = await readFile(path)
  await writeFile(path, damage(whole))
  expect(await validate(project)).toEqual(OK)
  expect((await stat(path)).size).toBeGreaterThan(100_000)
})

test.skipIf(process.platform === 'win32')('code that others may write is not run', async () => {
  const project = await projectWithCache()
  await validate(project)
  const path = await kept(project.builds)
  await chmod(path, 0o666)
  expect(await validate(project)).toEqual(OK)
  expect((await stat(path)).mode & 0o777).toBe(0o600)
})

test.skipIf(process.geteuid?.() !== 0)('code of another user is not run', async () => {
  const project = await projectWithCache()
  await validate(project)
  const path = await kept(project.builds)
  await chown(path, 65534, 65534)
  expect(await validate(project)).toEqual(OK)
  expect((await stat(path)).uid).toBe(0)
})

test('a configuration that has to be imported is, by kept code as well', async () => {
  const project = await projectWithCache()
  await project.write('tidemark.config.mjs', 'export default { migrations: "migrations" }\n')
  for (const _ of ['first', 'kept']) expect(await validate(project)).toEqual(OK)
  await project.write('tidemark.config.mjs', 'export default { migrations: "elsewhere" }\n')
  expect((await validate(project)).stderr).toContain('"elsewhere" does not exist')
})

test('what keeps code from being written changes nothing else', async () => {
  const project = await projectWithCache()
  await project.write('cache', 'a file where the folder should be')
  expect(await validate(project)).toEqual(OK)
})

test('nothing is kept of a command that failed, nor where Node is told to keep no code', async () => {
  const project = await projectWithCache()
  const missing = await validate(project, { TIDEMARK_MIGRATIONS: 'elsewhere' })
  expect(missing.code).toBe(2)
  expect(await validate(project, { NODE_DISABLE_COMPILE_CACHE: '1' })).toEqual(OK)
  await expect(readdir(project.builds)).rejects.toThrow('ENOENT')
})

test.skipIf(process.geteuid?.() !== 0)('nothing is kept in the home folder of another user', async () => {
  const project = await projectWithCache()
  const home = join(project.folder, 'home')
  await mkdir(home)
  await chown(home, 65534, 65534)
  expect(await validate(project, { HOME: home, XDG_CACHE_HOME: '' })).toEqual(OK)
  expect(await readdir(home)).toEqual([])
})

test.skipIf(process.geteuid?.() !== 0)('a link of another user is not followed', async () => {
  const project = await projectWithCache()
  const files = join(project.folder, 'files')
  for (const name of 'abcdef') await mkdir(join(files, name), { recursive: true })
  await mkdir(join(project.builds, '..'), { recursive: true })
  await symlink(files, project.builds)
  await chown(join(project.builds, '..'), 65534, 65534)
  expect(await validate(project)).toEqual(OK)
  expect(await readdir(files)).toEqual(['a', 'b', 'c', 'd', 'e', 'f'])
})

test.each([
  // Nobody makes a folder below a file.
  ['XDG_CACHE_HOME is relative', { HOME: ENTRY, XDG_CACHE_HOME: 'kept' }],
  ['HOME is empty', { HOME: '', XDG_CACHE_HOME: '' }],
])('nothing is kept in the working folder where %s', async (_, env) => {
  const project = await projectWithCache()
  expect(await validate(project, env)).toEqual(OK)
  expect(await readdir(project.folder)).toEqual(['migrations'])
})

test.skipIf(process.platform !== 'linux')(
  'a file system that denies every folder holds nothing up',
  async () => {
    const project = await projectWithCache()
    expect(await validate(project, { XDG_CACHE_HOME: '/proc/nowhere' })).toEqual(OK)
  },
)

test('the code of four builds is kept', async () => {
  const project = await projectWithCache()
  for (const [age, name] of ['a', 'b', 'c', 'd', 'e'].entries()) {
    await mkdir(join(project.builds, name), { recursive: true })
    const at = new Date(Date.now() - (age + 1) * 60_000)
    await utimes(join(project.builds, name), at, at)
  }
  await validate(project)
  const left = await readdir(project.builds)
  expect(left).toHaveLength(4)
  expect(left).toEqual(expect.arrayContaining(['a', 'b', 'c']))
})
