import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { CODES } from '@tidemark/core'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))
const site = join(root, 'tools/docs/dist')

test('the documentation builds to a site with a search, a page for each code and the API, without dead links', () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['tools/docs/build.js'], {
    cwd: root,
    encoding: 'utf8',
  })
  expect({ status, output: status === 0 ? '' : stdout + stderr }).toEqual({ status: 0, output: '' })
  expect(Object.keys(CODES).filter((code) => !existsSync(join(site, `errors/${code}.html`)))).toEqual([])
  const pages = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => name.replace(/README\.md$/, 'index.md').replace(/\.md$/, '.html'))
  expect(pages.filter((page) => !existsSync(join(site, page)))).toEqual([])
  expect(existsSync(join(site, 'api/index.html'))).toBe(true)
  const assets = readdirSync(join(site, 'assets'), { recursive: true, encoding: 'utf8' })
  expect(assets.filter((name) => name.includes('localSearchIndex'))).not.toEqual([])
})
