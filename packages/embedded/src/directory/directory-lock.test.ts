import { chmod, mkdir, mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { LOCK_NAME, lockDirectory } from './directory-lock.ts'

const modeOf = async (path: string) => (await stat(path)).mode & 0o777

test('".tidemark" of a project is its user’s alone, also one that was open, and stays out of the repository', async () => {
  const root = await mkdtemp(join(tmpdir(), 'tidemark-private-'))
  onTestFinished(() => rm(root, { recursive: true }))
  const folder = join(root, '.tidemark')
  await mkdir(folder)
  await chmod(folder, 0o777)
  const lock = await lockDirectory(join(folder, 'db'))
  for (const path of [folder, join(folder, 'db')]) expect(await modeOf(path)).toBe(0o700)
  for (const path of ['.gitignore', join('db', LOCK_NAME)])
    expect(await modeOf(join(folder, path))).toBe(0o600)
  expect(await readFile(join(folder, '.gitignore'), 'utf8')).toBe('*\n')
  await lock.release()
})
