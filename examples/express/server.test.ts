import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { createTestDatabase, type TestDatabase } from '@tidemark/test-servers'
import { afterEach, beforeEach, expect, test } from 'vitest'

const folder = fileURLToPath(new URL('.', import.meta.url))
const log = `${folder}logs/migration.log`
const cli = fileURLToPath(new URL('../../apps/cli/bin/run.js', import.meta.url))

let database: TestDatabase
const children: ChildProcess[] = []

beforeEach(async () => {
  database = await createTestDatabase()
})
afterEach(async () => {
  for (const child of children.splice(0)) await end(child)
  await database.drop()
  rmSync(`${folder}logs`, { recursive: true, force: true })
})

const environment = () => ({ ...process.env, DATABASE_URL: database.url, PORT: '0', CI: '1' })

/** Starts a command of the example and gives the URL that it serves. */
async function serve(command: string, args: readonly string[]): Promise<string> {
  const child = spawn(command, args, { cwd: folder, env: environment(), stdio: ['ignore', 'ignore', 'pipe'] })
  children.push(child)
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

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  await exited
}

const statusOf = async (url: string) => (await fetch(url)).status

test('it answers 503 until tidemark up has run, then 200, without a restart', async () => {
  const url = await serve(process.execPath, ['server.js'])
  expect([
    await statusOf(`${url}/`),
    await statusOf(`${url}/readyz`),
    await statusOf(`${url}/healthz`),
  ]).toEqual([503, 503, 200])
  const up = spawnSync(process.execPath, [cli, 'up'], { cwd: folder, env: environment(), encoding: 'utf8' })
  expect({ status: up.status, stderr: up.status === 0 ? '' : up.stderr }).toEqual({ status: 0, stderr: '' })
  while ((await statusOf(`${url}/`)) !== 200) await sleep(20)
  expect(await (await fetch(`${url}/`)).json()).toEqual({ profiles: 0 })
  expect(await statusOf(`${url}/readyz`)).toBe(200)
})

test('start.sh migrates with a log file, then serves', async () => {
  const url = await serve('sh', ['start.sh'])
  expect(await statusOf(`${url}/`)).toBe(200)
  expect(existsSync(log)).toBe(true)
  expect(readFileSync(log, 'utf8')).toContain('001_create_user_profiles')
})

test('start.sh does not serve when migrating fails', () => {
  const unreachable = { ...environment(), DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' }
  const { status, stderr } = spawnSync('sh', ['start.sh'], {
    cwd: folder,
    env: unreachable,
    encoding: 'utf8',
  })
  expect(status).toBe(1)
  expect(stderr).toContain('TM5001')
})

test('without DATABASE_URL it says what is missing', () => {
  const { DATABASE_URL: _, ...rest } = environment()
  const { status, stderr } = spawnSync(process.execPath, ['server.js'], {
    cwd: folder,
    env: rest,
    encoding: 'utf8',
  })
  expect([status, stderr]).toEqual([
    2,
    'DATABASE_URL is not set, such as postgres://app@localhost:5432/shop\n',
  ])
})
