import { cp, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { FORMAT_NAMES } from '@tidemark/import'
import { expectedFolder, ORIGINALS, originalFolder, plainMessages } from '@tidemark/import/testing'
import { createTestDatabase, readCatalog } from '@tidemark/test-servers'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { buildWhenStale } from '../support/build-when-stale.ts'
import { createProject, type ENGINES, type Project } from '../support/project.ts'

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

async function readTexts(folder: string): Promise<Readonly<Record<string, string>>> {
  const names = await readdir(folder)
  const texts = names.map(
    async (name): Promise<[string, string]> => [name, await readFile(join(folder, name), 'utf8')],
  )
  return Object.fromEntries(await Promise.all(texts))
}

test('the help names every format', async () => {
  project = await createProject({})
  const { stdout } = await project.run(['import', '--help'])
  expect(stdout.replace(/\s+/g, ' ')).toContain(`Formats: ${FORMAT_NAMES.join(', ')};`)
})

describe.each(ORIGINALS)('a project of $format', (original) => {
  const { format } = original

  // `npx vitest run packages/import apps/cli/test/import -u` writes what is expected again: read the
  // difference.
  test('is recognised, and its files and the report are as expected', async () => {
    await openOriginal(format)
    const { code, stdout, stderr } = await project.run(['import', ...OUT])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(await readTexts(join(project.folder, 'tidemark'))).toEqual(await readTexts(expectedFolder(format)))
    await expect(stdout).toMatchFileSnapshot(`../fixtures/import-output/${format}.txt`)
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

test('a file that was imported whole is not split when it is imported again', async () => {
  const text = 'BEGIN;\nCREATE TABLE a ();\nCOMMIT;\nBEGIN;\nCREATE TABLE b ();\nCOMMIT;\n'
  project = await createProject({ 'old/1_a.sql': text })
  await project.write('new/1_a.sql', '-- Migration: 1_a\n\n-- @up\nCREATE TABLE a ();\nCREATE TABLE b ();\n')
  const run = async () => {
    const { stdout } = await project.run(['import', '--from', 'old', '--out', 'new', '--json'])
    return JSON.parse(stdout).migrations.map(({ id, state }: { id: string; state: string }) => [id, state])
  }
  expect(await run()).toEqual([['1_a', 'kept']])
  await rm(join(project.folder, 'new/1_a.sql'))
  expect(await run()).toEqual([
    ['1_a', 'written'],
    ['1_a-2', 'written'],
  ])
})
