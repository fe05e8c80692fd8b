import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { TOOL_VERSION } from './tool-version.ts'

test('records name the version of the package', () => {
  const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  expect(TOOL_VERSION).toBe(JSON.parse(manifest).version)
})
