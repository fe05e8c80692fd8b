import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { jsonSchemaTexts } from './json-schemas.ts'

const FOLDER = new URL('../../schemas/', import.meta.url)

// `UPDATE_SCHEMAS=1 npx vitest run apps/cli/src/schema` writes them again.
test('the committed schemas of --json are those of the code', async () => {
  const texts = jsonSchemaTexts()
  if (process.env['UPDATE_SCHEMAS'] === '1') {
    await mkdir(FOLDER, { recursive: true })
    for (const [name, text] of texts) await writeFile(new URL(name, FOLDER), text)
  }
  const names = await readdir(FOLDER)
  const committed = new Map(
    await Promise.all(
      names.map(async (name) => [name, await readFile(new URL(name, FOLDER), 'utf8')] as const),
    ),
  )
  expect(Object.fromEntries(committed)).toEqual(Object.fromEntries(texts))
})
