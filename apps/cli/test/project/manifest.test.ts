import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readManifest } from '@tidemark/gate'
import { beforeAll, expect, test } from 'vitest'
import { buildWhenStale } from '../support/build-when-stale.ts'
import { openProject, SHOP } from '../support/project.ts'

beforeAll(buildWhenStale)

test('a manifest is what a gate reads, as JSON and as a module, and written once', async () => {
  const { run, folder } = await openProject(SHOP)
  expect(await run(['manifest', '--out', 'build/schema.json'])).toEqual({
    code: 0,
    stdout: '✓ build/schema.json  3 migrations\n',
    stderr: '',
  })
  const text = await readFile(join(folder, 'build/schema.json'), 'utf8')
  const manifest = readManifest(JSON.parse(text), 'schema.json')
  expect(manifest.migrations.map(({ id }) => id)).toEqual(['001_users', '002_posts', '003_posts_author'])
  expect((await run(['manifest'])).stdout).toBe(text)
  expect((await run(['manifest', '--out', 'build/schema.json'])).stdout).toBe(
    '✓ build/schema.json  3 migrations, up to date\n',
  )
  const { stdout } = await run(['manifest', '--out', 'schema.ts', '--json'])
  expect(JSON.parse(stdout)).toEqual({ out: 'schema.ts', state: 'written', manifest })
  expect(await readFile(join(folder, 'schema.ts'), 'utf8')).toBe(
    `// Written by \`tidemark manifest\`: write it again after every change of the migrations.
import type { Manifest } from "@tidemark/gate"

export const manifest: Manifest = ${text}`,
  )
})

test('--check names what is new, changed and gone, and writes nothing', async () => {
  const { run, write, folder } = await openProject(SHOP)
  const check = ['manifest', '--out', 'schema.ts', '--check']
  expect(await run(check)).toEqual({
    code: 2,
    stdout: '',
    stderr: `error TM7026: schema.ts is out of date: it does not exist
help: write it again and commit it: tidemark manifest --out schema.ts
`,
  })
  await run(['manifest', '--out', 'schema.ts'])
  expect((await run(check)).code).toBe(0)
  const before = await readFile(join(folder, 'schema.ts'), 'utf8')
  await write('migrations/001_users.sql', `${SHOP['migrations/001_users.sql']}-- more\n`)
  await write('migrations/004_tags.sql', '-- @up\nCREATE TABLE tags (id int);\n')
  expect((await run(check)).stderr).toContain('out of date: 001_users has changed, 004_tags is new\n')
  expect(await readFile(join(folder, 'schema.ts'), 'utf8')).toBe(before)
})

test('--check reads through a formatter and refuses what is no manifest', async () => {
  const { run, write, folder } = await openProject(SHOP)
  const check = ['manifest', '--out', 'schema.ts', '--check']
  await run(['manifest', '--out', 'schema.ts'])
  const text = await readFile(join(folder, 'schema.ts'), 'utf8')
  await write('schema.ts', text.replace(/"(\w+)":/g, '$1: ').replaceAll('"', "'"))
  expect((await run(check)).code).toBe(0)
  await write('schema.ts', text.replace(/"digest": "[0-9a-f]{8}/, '"digest": "00000000'))
  expect((await run(check)).stderr).toContain('error TM7060: schema.ts is not a manifest of Tidemark')
  await write('schema.ts', 'export const x = 1\n')
  expect(await run(check)).toMatchObject({ code: 2, stderr: expect.stringContaining('it has no digest') })
})

test('a name without a known extension is refused, unless --format is given', async () => {
  const { run, folder } = await openProject(SHOP)
  expect(await run(['manifest', '--out', 'schema.js'])).toEqual({
    code: 2,
    stdout: '',
    stderr: `error TM7008: "schema.js" has no extension that gives the format of the manifest
help: name it .json or .ts, or add --format json
`,
  })
  expect((await run(['manifest', '--out', 'schema.lock', '--format', 'json'])).code).toBe(0)
  const text = await readFile(join(folder, 'schema.lock'), 'utf8')
  expect(text).toBe((await run(['manifest'])).stdout)
})
