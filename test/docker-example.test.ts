import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createTestDatabase } from '@tidemark/test-servers'
import { DockerfileParser, type Instruction } from 'dockerfile-ast'
import { validate } from 'dockerfile-utils'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import * as z from 'zod'

const root = fileURLToPath(new URL('..', import.meta.url))
const example = join(root, 'examples/docker')
const text = readFileSync(join(example, 'Dockerfile'), 'utf8')
const instructions: readonly Instruction[] = DockerfileParser.parse(text).getInstructions()
const argumentsOf = (keyword: string) =>
  instructions.filter((one) => one.getKeyword() === keyword).map((one) => one.getArgumentsContent() ?? '')

const ServiceSchema = z.strictObject({
  image: z.string().optional(),
  build: z.literal('.').optional(),
  command: z.array(z.string()).optional(),
  environment: z.record(z.string(), z.string()).optional(),
  healthcheck: z.strictObject({ test: z.array(z.string()), interval: z.string() }).optional(),
  ports: z.array(z.string().regex(/^\d+:\d+$/)).optional(),
  depends_on: z
    .record(
      z.string(),
      z.strictObject({ condition: z.enum(['service_healthy', 'service_completed_successfully']) }),
    )
    .optional(),
})
const { services } = z
  .strictObject({ services: z.record(z.string(), ServiceSchema) })
  .parse(parse(readFileSync(join(example, 'compose.yaml'), 'utf8')))

describe('the Dockerfile', () => {
  test('has no problem that dockerfile-utils knows', () => {
    expect(validate(text).map(({ message, range }) => `${range.start.line + 1}: ${message}`)).toEqual([])
  })

  test('copies what exists, runs as a user of its own, and starts the process itself', () => {
    const sources = argumentsOf('COPY').map((line) => line.split(' ')[0] ?? '')
    expect(sources.filter((source) => !existsSync(join(example, source)))).toEqual([])
    expect(argumentsOf('USER')).toEqual(['node'])
    expect(argumentsOf('CMD')).toEqual(['["node", "server.js"]'])
  })
})

test('every service of the compose file depends on what exists, and is an image or this folder', () => {
  for (const [name, { image, build, depends_on = {} }] of Object.entries(services)) {
    expect([name, image === undefined, build === undefined]).toEqual([
      name,
      build === '.',
      image !== undefined,
    ])
    expect(Object.keys(depends_on).filter((other) => services[other] === undefined)).toEqual([])
  }
})

describe('the commands, in a plain folder with the packed packages', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-docker-'))
  const app = join(folder, 'app')
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  beforeAll(() => {
    cpSync(example, app, { recursive: true })
    const manifest = JSON.parse(readFileSync(join(app, 'package.json'), 'utf8'))
    const packed = {
      tidemark: 'apps/cli',
      '@tidemark/gate': 'packages/gate',
      '@tidemark/core': 'packages/core',
    }
    for (const [name, path] of Object.entries(packed)) manifest.dependencies[name] = `file:${pack(path)}`
    writeFileSync(join(app, 'package.json'), JSON.stringify(manifest))
  }, 120_000)

  function pack(path: string): string {
    const output = execFileSync('pnpm', ['pack', '--json', '--pack-destination', folder], {
      cwd: join(root, path),
      encoding: 'utf8',
    })
    return z.object({ filename: z.string() }).parse(JSON.parse(output)).filename
  }

  /** The image's variables, with its folder where this one is. */
  const imageEnvironment = Object.fromEntries(
    argumentsOf('ENV')
      .flatMap((line) => line.split(' '))
      .map((pair) =>
        pair
          .replaceAll('/app', app)
          .replace('$PATH', process.env['PATH'] ?? '')
          .split('='),
      )
      .map(([name = '', ...value]) => [name, value.join('=')]),
  )

  test('install, migrate and serve', async () => {
    for (const line of argumentsOf('RUN')) {
      const { status, stderr } = spawnSync('sh', ['-c', line], {
        cwd: app,
        encoding: 'utf8',
        env: { ...process.env, ...imageEnvironment },
      })
      expect({ line, status, stderr: status === 0 ? '' : stderr }).toEqual({ line, status: 0, stderr: '' })
    }
    const database = await createTestDatabase()
    const withDatabase = (name: string) => ({
      ...process.env,
      ...imageEnvironment,
      ...Object.fromEntries(Object.keys(services[name]?.environment ?? {}).map((key) => [key, database.url])),
      PORT: '0',
    })
    try {
      const [command = '', ...args] = services['migrate']?.command ?? []
      const migrated = spawnSync(command, args, { cwd: app, encoding: 'utf8', env: withDatabase('migrate') })
      expect({ status: migrated.status, stderr: migrated.status === 0 ? '' : migrated.stderr }).toEqual({
        status: 0,
        stderr: '',
      })
      expect(await serve(withDatabase('app'))).toEqual({ ready: 200, body: { notes: 0 } })
    } finally {
      await database.drop()
    }
  }, 300_000)

  /** Starts the command of the image, asks it, and ends it as `docker stop` does. */
  async function serve(env: NodeJS.ProcessEnv): Promise<{ ready: number; body: unknown }> {
    const [program = '', ...args] = z.array(z.string()).parse(JSON.parse(argumentsOf('CMD')[0] ?? ''))
    const server = spawn(program, args, { cwd: app, env, stdio: ['ignore', 'pipe', 'inherit'] })
    const ended = new Promise((resolve) => server.on('close', resolve))
    try {
      const port = await new Promise<string>((resolve, reject) => {
        server.stdout.setEncoding('utf8').on('data', (data: string) => resolve(/\d+/.exec(data)?.[0] ?? ''))
        void ended.then(() => reject(new Error('the server ended')))
      })
      const ready = await fetch(`http://127.0.0.1:${port}/readyz`)
      const notes = await fetch(`http://127.0.0.1:${port}/notes`)
      return { ready: ready.status, body: await notes.json() }
    } finally {
      server.kill('SIGTERM')
      await ended
    }
  }
})
