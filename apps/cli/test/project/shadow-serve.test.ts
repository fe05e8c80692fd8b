import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { findFreePort } from '@tidemark/test-servers'
import { Client } from 'pg'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { buildWhenStale } from '../support/build-when-stale.ts'
import { openProject, SHOP } from '../support/project.ts'
import { ENTRY, plainEnvironment } from '../support/run-tidemark.ts'
import { openShadowServer } from '../support/shadow-server.ts'

beforeAll(buildWhenStale)

interface Serving {
  readonly child: ChildProcess
  readonly served: { readonly url: string; readonly port: number; readonly [key: string]: unknown }
}

/** Starts `shadow serve --json`, and waits until it answers. */
async function serve(folder: string, ...args: readonly string[]): Promise<Serving> {
  const child = spawn(process.execPath, [ENTRY, 'shadow', 'serve', '--json', ...args], {
    cwd: folder,
    env: plainEnvironment(),
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(async () => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL')
      await once(child, 'exit')
    }
  })
  let out = ''
  for await (const chunk of child.stdout) {
    out += String(chunk)
    if (out.endsWith('}\n')) break
  }
  return { child, served: JSON.parse(out) }
}

async function listTables(url: string): Promise<readonly unknown[]> {
  const client = new Client(url)
  await client.connect()
  const { rows } = await client.query(
    "SELECT tablename AS t FROM pg_tables WHERE tablename IN ('users', 'posts') ORDER BY 1",
  )
  await client.end()
  return rows.map(({ t }) => t)
}

test('the address has a password, and two at once have two ports; Ctrl-C ends it at once', async () => {
  const { folder } = await openProject(SHOP)
  const [one, other] = await Promise.all([serve(folder), serve(folder)])
  expect(one.served).toEqual({
    url: `postgres://postgres:${one.served['password']}@127.0.0.1:${one.served.port}/postgres`,
    host: '127.0.0.1',
    port: expect.any(Number),
    user: 'postgres',
    password: expect.stringMatching(/^[\w-]{24}$/),
    database: 'postgres',
    shadow: { engine: 'pglite', version: expect.stringMatching(/^18\./), applied: 3 },
  })
  expect(other.served.port).not.toBe(one.served.port)
  expect(other.served['password']).not.toBe(one.served['password'])
  expect(await listTables(one.served.url)).toEqual(['posts', 'users'])
  expect(await listTables(other.served.url)).toEqual(['posts', 'users'])
  const client = new Client(one.served.url)
  client.on('error', () => {})
  await client.connect()
  for (const { child } of [one, other]) {
    const ended = once(child, 'exit')
    child.kill('SIGINT')
    expect(await ended).toEqual([130, null])
  }
  await expect(listTables(one.served.url)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
})

test('a port may be named', async () => {
  const { folder, run } = await openProject(SHOP)
  const port = await findFreePort()
  expect((await serve(folder, '--port', String(port))).served.port).toBe(port)
  expect(await run(['shadow', 'serve', '--port', String(port)])).toMatchObject({
    code: 2,
    stderr: `error TM7012: the shadow cannot listen on 127.0.0.1:${port} (EADDRINUSE)
help: name another port with --port, or none for any that is free
`,
  })
})

test('what is wrong with files or with the shadow is said before anything is served', async () => {
  const { run } = await openProject({ 'migrations/001_a.sql': '-- @up\nCREATE EXTENSION timescaledb;\n' })
  expect(await run(['shadow', 'serve'])).toMatchObject({ code: 6, stdout: '' })
  const wrong = await openProject({ 'migrations/001_a.sql': '-- @up\nCREAT TABLE a ();\n' })
  expect((await wrong.run(['shadow', 'serve', '--', 'node', '--version'])).code).toBe(1)
})

describe('with a command', () => {
  const serveWith = (...command: readonly string[]) => ['shadow', 'serve', '--', ...command]
  const SHOW = `const { env } = process
    console.log(JSON.stringify({ same: env.DATABASE_URL === \`postgres://\${env.PGUSER}:\${env.PGPASSWORD}@\${env.PGHOST}:\${env.PGPORT}/\${env.PGDATABASE}\`, options: env.PGOPTIONS ?? null }))
    process.exitCode = Number(process.argv[1])`

  test('its output and its exit code are those of the command, which sees no other database', async () => {
    const { run } = await openProject(SHOP)
    const env = {
      DATABASE_URL: 'postgres://prod.example/shop',
      PGOPTIONS: '-c role=app',
      PGHOST: 'prod.example',
    }
    expect(await run(serveWith('node', '-e', SHOW, '7'), { env })).toEqual({
      code: 7,
      stdout: '{"same":true,"options":null}\n',
      stderr: '',
    })
    expect((await run(serveWith('node', '-e', 'process.kill(process.pid, "SIGTERM")'))).code).toBe(143)
  })

  test('flags behind -- are those of the command', async () => {
    const { run } = await openProject(SHOP)
    expect(await run(serveWith('node', '--help'))).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('Usage: node'),
    })
    expect(await run(serveWith('no such program'))).toEqual({
      code: 2,
      stdout: '',
      stderr: `error TM7012: the command "no such program" cannot be started (ENOENT)
help: name a program that is installed; for words of a shell, start one: sh -c '…'
`,
    })
  })

  test('a signal is for the command', async () => {
    const { run } = await openProject(SHOP)
    const listen =
      'process.on("SIGINT", () => process.exit(3)); console.log("ready"); setInterval(() => {}, 1000)'
    const signalAt = { text: 'ready', signal: 'SIGINT' } as const
    expect((await run(serveWith('node', '-e', listen), { signalAt })).code).toBe(3)
  })
})

test('the shadow of a server is served, and nothing is left there', async () => {
  const { folder } = await openProject(SHOP)
  const server = await openShadowServer()
  const { child, served } = await serve(folder, '--shadow', server.url)
  expect(served).toMatchObject({
    database: expect.stringMatching(/^tidemark_shadow_/),
    shadow: { engine: 'server' },
  })
  expect(await listTables(served.url)).toEqual(['posts', 'users'])
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  expect(await ended).toEqual([143, null])
  const client = new Client(server.url)
  await client.connect()
  const { rows } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [served['database']])
  await client.end()
  expect(rows).toEqual([])
})
