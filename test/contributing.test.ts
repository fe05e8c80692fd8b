import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = new URL('..', import.meta.url)
const page = readFileSync(new URL('CONTRIBUTING.md', root), 'utf8')

test('every path that CONTRIBUTING.md names exists', () => {
  const code = [...page.matchAll(/`((?:apps|docs|packages|test|tools)(?:\/[^`\s]*)?)`/g)].map(
    ([, path = '']) => path,
  )
  const links = [...page.matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, path = '']) => path)
  const paths = [...new Set([...code, ...links])]
  expect(paths.length).toBeGreaterThan(60)
  expect(paths.filter((path) => !existsSync(fileURLToPath(new URL(path, root))))).toEqual([])
})
