import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { createTestDatabase } from '@tidemark/test-servers'
import { expect, onTestFinished, test } from 'vitest'
import { readSamples, root } from './samples/read-samples.ts'

const PAGE = 'docs/deploy/start-script.md'
const scripts = readSamples(PAGE).filter(({ text }) => text.startsWith('#!/bin/sh\n'))
const handsOn = scripts.filter(({ text }) => text.includes('trap '))

/** Starts a script of the page in a project whose server only says that it serves. */
async function start(script: string, sql: string) {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-start-'))
  const database = await createTestDatabase()
  onTestFinished(async () => {
    await database.drop()
    rmSync(folder, { recursive: true, force: true })
  })
  for (const name of ['bin', 'migrations']) mkdirSync(join(folder, name))
  symlinkSync(join(root, 'apps/cli/bin/run.js'), join(folder, 'bin/tidemark'))
  writeFileSync(join(folder, 'migrations/001_a.sql'), `-- @up\n${sql}\n`)
  writeFileSync(join(folder, 'server.js'), "console.log('serving')\n")
  writeFileSync(join(folder, 'start.sh'), script)
  chmodSync(join(folder, 'start.sh'), 0o755)
  const child = spawn(join(folder, 'start.sh'), {
    cwd: folder,
    env: {
      PATH: [join(folder, 'bin'), process.env['PATH']].join(delimiter),
      HOME: folder,
      TIDEMARK_DATABASE_URL: database.url,
    },
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text) => {
      output += text
    })
  const ended = once(child, 'close')
  return { child, database, ended: async () => ({ code: (await ended)[0], output }) }
}

test.skipIf(process.platform === 'win32').each(scripts.filter(({ text }) => text.includes('tidemark up')))(
  `the script in line $line of ${PAGE} migrates, then serves`,
  async ({ text }) => {
    const good = await start(text, 'CREATE TABLE a (id int);')
    expect(await good.ended()).toEqual({
      code: 0,
      output: expect.stringMatching(/1 migration applied .*\nserving\n$/),
    })
    const bad = await start(text, 'SELECT 1/0;')
    expect(await bad.ended()).toEqual({ code: 1, output: expect.not.stringContaining('serving') })
  },
)

test.skipIf(process.platform === 'win32').each(handsOn)(
  `the script in line $line of ${PAGE} hands SIGTERM on and ends with the run`,
  async ({ text }) => {
    const { child, database, ended } = await start(text, 'SELECT pg_sleep(600);')
    const running =
      "SELECT FROM pg_stat_activity WHERE query LIKE '%pg_sleep(600)%' AND datname = current_database() AND pid <> pg_backend_pid()"
    while ((await database.query(running)).length === 0) await setTimeout(50)
    child.kill('SIGTERM')
    expect(await ended()).toEqual({ code: 143, output: expect.stringContaining('TM5008') })
    expect(await database.query(running)).toEqual([])
  },
)

test('a script that hands signals on is among them', () => {
  expect(handsOn).toHaveLength(1)
})
