import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { findConfig } from './find-config.ts'

let root = ''

beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'tidemark-find-')))
  await mkdir(join(root, 'apps/web'), { recursive: true })
})
afterEach(() => rm(root, { recursive: true }))

test('a configuration is found upwards, up to the root of the repository', async () => {
  await mkdir(join(root, '.git'))
  await writeFile(join(root, 'tidemark.config.json'), '{}')
  expect(findConfig(join(root, 'apps/web'))).toBe(join(root, 'tidemark.config.json'))
})

test('the nearest configuration wins', async () => {
  await mkdir(join(root, '.git'))
  await writeFile(join(root, 'tidemark.config.json'), '{}')
  await writeFile(join(root, 'apps/tidemark.config.mjs'), '')
  expect(findConfig(join(root, 'apps/web'))).toBe(join(root, 'apps/tidemark.config.mjs'))
})

test('the search ends at the root of the repository', async () => {
  await mkdir(join(root, 'apps/.git'))
  await writeFile(join(root, 'tidemark.config.json'), '{}')
  expect(findConfig(join(root, 'apps/web'))).toBeUndefined()
})

test('outside of a repository only the folder itself is looked at', async () => {
  await writeFile(join(root, 'tidemark.config.json'), '{}')
  expect(findConfig(join(root, 'apps'))).toBeUndefined()
  expect(findConfig(root)).toBe(join(root, 'tidemark.config.json'))
})

test('two configurations in one folder are TM7005', async () => {
  await writeFile(join(root, 'tidemark.config.json'), '{}')
  await writeFile(join(root, 'tidemark.config.ts'), '')
  expect(() => findConfig(root)).toThrowError(
    expect.objectContaining({
      code: 'TM7005',
      message: `"${root}" holds "tidemark.config.ts" and "tidemark.config.json"`,
    }),
  )
})
