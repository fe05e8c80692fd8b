import { chown, mkdir, readdir, stat, utimes, writeFile } from 'node:fs/promises'
import module from 'node:module'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { buildWhenStale } from '../support/build-when-stale.ts'
import { openProject, SHOP } from '../support/project.ts'

beforeAll(buildWhenStale)

const OK = { code: 0, stdout: '✓ 3 migrations, no problem; head: 003_posts_author\n', stderr: '' }

async function openCache() {
  const { folder, run } = await openProject(SHOP)
  const temporary = join(folder, 'tmp')
  await mkdir(temporary)
  const env = { XDG_CACHE_HOME: join(folder, 'cache'), TMPDIR: temporary, TEMP: temporary }
  return {
    temporary,
    code: join(folder, 'cache/tidemark/code'),
    validate: () => run(['validate'], { env }),
  }
}

async function listFiles(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
}

describe.skipIf(!('enableCompileCache' in module))('the code that Node compiled', () => {
  test('is kept in a folder of this user, and not in the temporary folder of all users', async () => {
    const { temporary, code, validate } = await openCache()
    expect(await validate()).toEqual(OK)
    expect((await listFiles(code)).length).toBeGreaterThan(0)
    if (process.platform !== 'win32') expect((await stat(code)).mode & 0o777).toBe(0o700)
    expect(await readdir(temporary)).toEqual([])
  })

  test('is compiled again where what is kept is damaged', async () => {
    const { code, validate } = await openCache()
    await validate()
    for (const path of await listFiles(code)) await writeFile(path, 'damaged')
    expect(await validate()).toEqual(OK)
  })

  test.skipIf(process.geteuid?.() !== 0)('is neither read nor kept in a folder of another user', async () => {
    const { code, validate } = await openCache()
    await mkdir(code, { recursive: true })
    await chown(code, 65534, 65534)
    expect(await validate()).toEqual(OK)
    expect(await readdir(code)).toEqual([])
  })

  test('is kept of the four newest builds', async () => {
    const { code, validate } = await openCache()
    for (let age = 1; age <= 5; age += 1) {
      const at = new Date(Date.now() - age * 60_000)
      await mkdir(join(code, `old-${age}`), { recursive: true })
      await utimes(join(code, `old-${age}`), at, at)
    }
    await validate()
    expect((await readdir(code)).sort()).toEqual([expect.any(String), 'old-1', 'old-2', 'old-3'])
  })
})
