import { readFile, writeFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { configJsonSchema } from './config-json-schema.ts'

const FILE = new URL('../../config.schema.json', import.meta.url)

// `UPDATE_SCHEMAS=1 npx vitest run apps/cli/src/config` writes it again.
test('the committed schema of a configuration is that of the code', async () => {
  const schema = configJsonSchema()
  if (process.env['UPDATE_SCHEMAS'] === '1') await writeFile(FILE, `${JSON.stringify(schema, null, 2)}\n`)
  expect(JSON.parse(await readFile(FILE, 'utf8'))).toEqual(schema)
})
