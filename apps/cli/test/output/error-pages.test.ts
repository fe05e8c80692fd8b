import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CODES } from '@tidemark/core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ENTRY, plainEnvironment } from '../support/run-tidemark.ts'

const root = new URL('../../../../', import.meta.url)
const { homepage }: { homepage: string } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'))
const folder = mkdtempSync(join(tmpdir(), 'tidemark-pages-'))
beforeAll(() => {
  mkdirSync(join(folder, 'migrations'))
  writeFileSync(join(folder, 'migrations/001_a.sql'), '-- Type: create_tabel\n-- @up\nSELECT 1;\n')
  writeFileSync(join(folder, 'migrations/002_b.sql'), 'SELECT 1;\n')
  writeFileSync(join(folder, 'migrations/003_c.sql'), '-- Type: made\n-- @up\nSELECT 1;\n')
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function run(...args: readonly string[]) {
  return spawnSync(process.execPath, [ENTRY, ...args], {
    cwd: folder,
    encoding: 'utf8',
    env: plainEnvironment(),
  })
}
const pagesOf = (stderr: string) => [...stderr.matchAll(/^see: (.*)$/gm)].map(([, page]) => page)

test('a failure ends with the page of its code, a usage error too', () => {
  const { stderr } = run('show', '9999_none')
  expect(stderr.split('\n').slice(-2)).toEqual([`see: ${homepage}/errors/TM1001`, ''])
  expect(pagesOf(run('statsu').stderr)).toEqual([`${homepage}/errors/TM7009`])
})

test('each code of several problems is named once', () => {
  const { stderr } = run('validate')
  expect(new Set(stderr.match(/error TM\d{4}/g))).toEqual(new Set(['error TM1001', 'error TM1006']))
  expect(pagesOf(stderr)).toEqual([`${homepage}/errors/TM1006`, `${homepage}/errors/TM1001`])
})

test('with --json the page is a field', () => {
  const { stdout, stderr } = run('status', '--json', '--database-url', 'nowhere')
  const { error } = JSON.parse(stdout)
  expect(error.page).toBe(`${homepage}/errors/${error.code}`)
  expect(pagesOf(stderr)).toEqual([])
})

test('every code has the page that its address leads to', () => {
  const missing = Object.keys(CODES).filter((code) => !existsSync(new URL(`docs/errors/${code}.md`, root)))
  expect(missing).toEqual([])
})
