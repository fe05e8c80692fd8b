import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseMigration } from '@tidemark/core'
import { createTestDatabase, readCatalog } from '@tidemark/test-servers'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { buildWhenStale } from '../support/build-when-stale.ts'
import { ORIGINALS, originalFolder, plainMessages } from '../support/import-originals.ts'
import { createProject, type ENGINES, type Project } from '../support/project.ts'

const EXPECTED = fileURLToPath(new URL('../fixtures/import-expected/', import.meta.url))

let project: Project
beforeAll(buildWhenStale)
afterEach(() => project.remove())

async function openOriginal(
  format: string,
  engine: (typeof ENGINES)[number] | 'none' = 'none',
): Promise<void> {
  project = await createProject({}, engine)
  await cp(originalFolder(format), project.folder, { recursive: true })
}

const OUT = ['--out', 'tidemark']

describe.each(ORIGINALS)('a project of $format', (original) => {
  const { format } = original

  // `UPDATE_IMPORTS=1 npx vitest run apps/cli/test/import` writes what is expected anew: read the difference.
  test('is recognised, and its files, with what to say of them, are as expected', async () => {
    await openOriginal(format)
    const { code, stdout, stderr } = await project.run(['import', ...OUT])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const names = (await readdir(join(project.folder, 'tidemark'))).sort()
    const texts = await Promise.all(
      names.map(
        async (name) => [name, await readFile(join(project.folder, 'tidemark', name), 'utf8')] as const,
      ),
    )
    const written = new Map([...texts, ['output.txt', stdout] as const])
    const folder = `${EXPECTED}${format}`
    if (process.env['UPDATE_IMPORTS'] === '1') {
      await rm(folder, { recursive: true, force: true })
      await mkdir(folder, { recursive: true })
      for (const [name, text] of written) await writeFile(join(folder, name), text)
    }
    const expected = (await readdir(folder)).map(
      async (name): Promise<[string, string]> => [name, await readFile(join(folder, name), 'utf8')],
    )
    expect(Object.fromEntries(written)).toEqual(Object.fromEntries(await Promise.all(expected)))
  })

  test('gives files that parse, in one chain', async () => {
    await openOriginal(format)
    const { stdout } = await project.run(['import', format, ...OUT, '--json'])
    const { migrations } = JSON.parse(stdout)
    const parsed = await Promise.all(
      migrations.map(async ({ path }: { path: string }) =>
        parseMigration({ path, text: await readFile(join(project.folder, path), 'utf8') }),
      ),
    )
    const ids: string[] = migrations.map(({ id }: { id: string }) => id)
    expect(
      parsed.map((result) => (result.ok ? result.value.migration.header.dependsOn : result.error)),
    ).toEqual(ids.map((_, index) => ids.slice(Math.max(0, index - 1), index)))
  })

  test('imported a second time gives nothing new, and a file that was changed stays', async () => {
    await openOriginal(format)
    const first = JSON.parse((await project.run(['import', ...OUT, '--json'])).stdout)
    const { path } = first.migrations[0]
    const changed = `${await readFile(join(project.folder, path), 'utf8')}-- mine\n`
    await project.write(path, changed)
    const again = JSON.parse((await project.run(['import', ...OUT, '--json'])).stdout)
    expect(again.migrations.map(({ state }: { state: string }) => state)).toEqual([
      'kept',
      ...first.migrations.slice(1).map(() => 'unchanged'),
    ])
    expect(await readFile(join(project.folder, path), 'utf8')).toBe(changed)
  })

  test('applied from the imported files leaves the database as the originals do', async () => {
    await openOriginal(format, 'server')
    await project.run(['import', ...OUT])
    expect(await project.run(['up', '--dir', 'tidemark', '--quiet'])).toMatchObject({ code: 0 })
    const plain = await createTestDatabase()
    try {
      for (const message of plainMessages(original)) await plain.query(message)
      expect(await readCatalog(project.database)).toEqual(await readCatalog(plain.url))
    } finally {
      await plain.drop()
    }
  })
})
