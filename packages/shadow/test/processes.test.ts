import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openPrefixCache } from '../src/cache/prefix-cache.ts'
import { isAbandoned, markedName } from '../src/cache/process-mark.ts'
import { openShadow } from '../src/index.ts'

const folderOf = () => mkdtempSync(join(tmpdir(), 'tidemark-kept-'))
const MAX = 1024 * 1024
const facts = { notChecked: [], roles: [] }

/** A name as a process makes it that is gone now. */
async function nameOfTheDead(): Promise<string> {
  const child = spawn(process.execPath, ['-e', 'process.stdin.resume()'], {
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  const own = await markedName('draft')
  const name = own.replace(`_${process.pid}_`, `_${child.pid}_`)
  child.kill('SIGKILL')
  await once(child, 'exit')
  return name
}

test('a name tells whether the process that made it is gone', async () => {
  const own = await markedName('draft')
  expect(await isAbandoned(own)).toBe(false)
  expect(await isAbandoned(await nameOfTheDead())).toBe(true)
  // The pid is used again by a process that started later.
  if (process.platform === 'linux') {
    const parts = own.split('_')
    parts[3] = 'other'
    expect(await isAbandoned(parts.join('_'))).toBe(true)
  }
  // Of another host nothing is known.
  const elsewhere = own.split('_')
  elsewhere[1] = 'elsewhere'
  expect(await isAbandoned(elsewhere.join('_'))).toBe(false)
})

test('drafts of a killed process are removed by the next one, and those of a running one stay', async () => {
  const folder = folderOf()
  const dead = `${await nameOfTheDead()}.tar.gz`
  const living = `${await markedName('draft')}.tar.gz`
  for (const name of [dead, living]) writeFileSync(join(folder, name), '')
  await openPrefixCache(folder, MAX)
  expect(readdirSync(folder)).toEqual([living])
})

test('what is kept is there whole or not at all', async () => {
  const folder = folderOf()
  const cache = await openPrefixCache(folder, MAX)
  const fails = cache.keep('key', facts, async (path) => {
    writeFileSync(path, 'half')
    throw new Error('ENOSPC: no space left on device')
  })
  await expect(fails).rejects.toThrow('ENOSPC')
  expect(readdirSync(folder)).toEqual([])
  expect(await cache.find(['key'])).toBeUndefined()
})

test('two processes that keep the same prefix leave one of it', async () => {
  const folder = folderOf()
  const [first, second] = [await openPrefixCache(folder, MAX), await openPrefixCache(folder, MAX)]
  const write = (text: string) => async (path: string) => writeFileSync(path, text)
  await Promise.all([first.keep('key', facts, write('one')), second.keep('key', facts, write('two'))])
  expect(readdirSync(folder).sort()).toEqual(['key.json', 'key.tar.gz'])
  expect(await first.find(['other', 'key', 'longer'])).toEqual({ length: 2, facts })
})

test('a copy that a killed process left in the folder for temporary files is removed', async () => {
  const name = (await nameOfTheDead()).replace(/^draft/, 'tidemark_shadow_copy')
  writeFileSync(join(tmpdir(), `${name}.tar.gz`), '')
  await (await openShadow()).close()
  expect(readdirSync(tmpdir())).not.toContain(`${name}.tar.gz`)
})
