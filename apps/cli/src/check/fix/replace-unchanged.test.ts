import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { replaceUnchanged } from './replace-unchanged.ts'

test('a file is replaced as long as it is what was read, and keeps its permissions', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'replace-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const path = join(folder, 'a.sql')
  await writeFile(path, 'old')
  await chmod(path, 0o640)
  expect(await replaceUnchanged(path, { before: 'old', after: 'new' })).toBeNull()
  expect(await readFile(path, 'utf8')).toBe('new')
  expect((await stat(path)).mode & 0o777).toBe(0o640)

  expect(await replaceUnchanged(path, { before: 'old', after: 'newer' })).toBe(
    'it has changed since it was checked',
  )
  expect(await readFile(path, 'utf8')).toBe('new')
  expect(await replaceUnchanged(join(folder, 'none/a.sql'), { before: '', after: 'x' })).toMatch(
    /^it cannot be written: ENOENT/,
  )
  expect(await readdir(folder)).toEqual(['a.sql'])
})
