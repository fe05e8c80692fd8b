import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { createDirectoryReader } from '@tidemark/core/node'
import { createManifest } from '@tidemark/gate'
import { createTestDatabase, type TestDatabase } from '@tidemark/test-servers'
import { afterEach, beforeEach, expect, test } from 'vitest'

const folder = fileURLToPath(new URL('.', import.meta.url))
const cli = fileURLToPath(new URL('../../apps/cli/bin/run.js', import.meta.url))

let database: TestDatabase
let server: ChildProcess | undefined

beforeEach(async () => {
  database = await createTestDatabase()
})
afterEach(async () => {
  if (server !== undefined && server.exitCode === null) {
    const exited = new Promise((resolve) => server?.once('exit', resolve))
    server.kill('SIGTERM')
    await exited
  }
  await database.drop()
})

async function serve(): Promise<string> {
  const env = { ...process.env, DATABASE_URL: database.url, PORT: '0' }
  const child = spawn(process.execPath, ['server.js'], {
    cwd: folder,
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  server = child
  return new Promise((resolve, reject) => {
    let said = ''
    child.once('exit', () => reject(new Error(`the server did not start: ${said}`)))
    child.stderr.on('data', (chunk) => {
      said += String(chunk)
      const port = /listening on port (\d+)/.exec(said)?.[1]
      if (port !== undefined) resolve(`http://127.0.0.1:${port}`)
    })
  })
}

/** The example has no configuration; the folder keeps the one of the repository out. */
function up(...flags: readonly string[]): void {
  const args = [cli, 'up', '--dir', `${folder}migrations`, '--database-url', database.url, ...flags]
  const { status, stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
}

async function untilServed(url: string): Promise<void> {
  while ((await fetch(url)).status !== 200) await sleep(50)
}

test('its manifest is that of its migrations', async () => {
  const read = await createDirectoryReader({ directory: `${folder}migrations` }).readMigrations()
  if (!read.ok) throw new Error('unreadable')
  const made = createManifest(read.value.migrations)
  expect(made).toEqual({ ok: true, value: JSON.parse(readFileSync(`${folder}schema.json`, 'utf8')) })
})

test('it opens with the blocking migrations, and the page of the long one after that', async () => {
  const url = await serve()
  expect((await fetch(`${url}/livez`)).status).toBe(200)
  expect((await fetch(`${url}/notes`)).status).toBe(503)
  up('--blocking')
  await untilServed(`${url}/notes`)
  expect((await fetch(`${url}/words`)).status).toBe(503)
  up()
  await untilServed(`${url}/words`)
  expect(await (await fetch(`${url}/words`)).json()).toEqual([])
})
