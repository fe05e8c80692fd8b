import { chmod, mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
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

describe('a configuration above the working directory', () => {
  beforeEach(async () => {
    await mkdir(join(root, '.git'))
    await writeFile(join(root, 'tidemark.config.mjs'), '')
  })

  test.each([0o777, 0o707, 0o1777 /* shared, and not root's when a user runs this */])(
    'in a folder that everybody may write is not used: %o',
    async (mode) => {
      await chmod(root, mode)
      const isPassed = mode === 0o1777 && process.geteuid?.() === 0
      if (isPassed) expect(findConfig(join(root, 'apps'))).toBeUndefined()
      else
        expect(() => findConfig(join(root, 'apps'))).toThrowError(
          expect.objectContaining({
            code: 'TM7027',
            help: `if it is yours: --config ${join(root, 'tidemark.config.mjs')}, or take the permission away (chmod o-w)`,
          }),
        )
    },
  )

  test.each([0o775, 0o2775, 0o700, 0o755])('in a folder with the permissions %o is used', async (mode) => {
    await chmod(root, mode)
    expect(findConfig(join(root, 'apps/web'))).toBe(join(root, 'tidemark.config.mjs'))
  })

  test('beyond a folder that everybody may write is not used', async () => {
    await chmod(join(root, 'apps'), 0o777)
    expect(() => findConfig(join(root, 'apps/web'))).toThrowError(expect.objectContaining({ code: 'TM7027' }))
  })

  test('is not asked for where a nearer one is found', async () => {
    await chmod(root, 0o777)
    await writeFile(join(root, 'apps/tidemark.config.json'), '{}')
    expect(findConfig(join(root, 'apps/web'))).toBe(join(root, 'apps/tidemark.config.json'))
  })

  test('one of our own in a working directory that everybody may write is used', async () => {
    await chmod(root, 0o777)
    expect(findConfig(root)).toBe(join(root, 'tidemark.config.mjs'))
  })
})
