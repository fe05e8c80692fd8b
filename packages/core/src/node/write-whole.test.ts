import { chmod, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createFile, replaceFile } from './write-whole.ts'

async function temporary(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tidemark-write-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  return folder
}

test('a new file is written, and one that is there is left alone', async () => {
  const folder = await temporary()
  await createFile(join(folder, 'a.sql'), 'one')
  await expect(createFile(join(folder, 'a.sql'), 'two')).rejects.toMatchObject({ code: 'EEXIST' })
  expect(await readFile(join(folder, 'a.sql'), 'utf8')).toBe('one')
  expect(await readdir(folder)).toEqual(['a.sql'])
})

test('a file is replaced behind its link, with its permissions', async () => {
  const folder = await temporary()
  const [file, other] = [join(folder, 'a'), join(folder, 'b')]
  await writeFile(file, 'one')
  await chmod(file, 0o640)
  await symlink('a', other)
  await replaceFile(other, 'two')
  expect(await readFile(file, 'utf8')).toBe('two')
  expect((await stat(file)).mode & 0o777).toBe(process.platform === 'win32' ? 0o666 : 0o640)
  expect(await readdir(folder)).toEqual(['a', 'b'])
})

test('a folder in the way, or a missing one, is named by its error and leaves nothing', async () => {
  const folder = await temporary()
  await expect(replaceFile(folder, 'x')).rejects.toMatchObject({ code: 'EISDIR' })
  await expect(replaceFile(join(folder, 'no', 'a'), 'x')).rejects.toMatchObject({ code: 'ENOENT' })
  await expect(createFile(join(folder, 'no', 'a'), 'x')).rejects.toMatchObject({ code: 'ENOENT' })
  expect(await readdir(folder)).toEqual([])
})
