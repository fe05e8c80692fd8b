import { chmod, mkdir, mkdtemp, readFile, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { makePrivateFolder } from './make-private-folder.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'private-folder-'))
})

async function modeOf(path: string): Promise<string> {
  return ((await stat(path)).mode & 0o777).toString(8)
}

describe.skipIf(process.platform === 'win32')('makePrivateFolder', () => {
  it('makes what is missing for this user alone', async () => {
    await makePrivateFolder(join(folder, 'a', 'b'))
    expect([await modeOf(join(folder, 'a', 'b')), await modeOf(join(folder, 'a'))]).toEqual(['700', '700'])
  })

  it('leaves a folder of somebody else as it is', async () => {
    const shared = join(folder, 'shared')
    await mkdir(shared)
    await chmod(shared, 0o755)
    await makePrivateFolder(shared)
    expect(await modeOf(shared)).toBe('755')
    await makePrivateFolder(join(shared, 'run'))
    expect([await modeOf(shared), await modeOf(join(shared, 'run'))]).toEqual(['755', '700'])
  })

  it('closes what is there below .tidemark, and .tidemark itself', async () => {
    const own = join(folder, '.tidemark', 'backups')
    await mkdir(own, { recursive: true })
    await chmod(own, 0o755)
    await makePrivateFolder(own)
    expect([await modeOf(own), await modeOf(join(folder, '.tidemark'))]).toEqual(['700', '700'])
    expect(await readFile(join(folder, '.tidemark', '.gitignore'), 'utf8')).toBe('*\n')
  })
})
