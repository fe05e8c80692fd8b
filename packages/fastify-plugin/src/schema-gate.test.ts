import { createGate, type RequestGate } from '@tidemark/gate'
import { type AdapterApp, describeAdapter, entry, manifestOf } from '@tidemark/gate/testing'
import { type FastifyServerOptions, fastify } from 'fastify'
import { afterEach, expect, test, vi } from 'vitest'
import { requireMigrations, schemaGate } from './schema-gate.ts'

async function start(gate: RequestGate): Promise<AdapterApp> {
  const app = fastify({ forceCloseConnections: true })
  await app.register(schemaGate, { gate, livez: '/livez', readyz: '/readyz' })
  app.addContentTypeParser('*', (_request, payload, done) => {
    payload.resume()
    done(null)
  })
  app.get('/', async (request) => request.url)
  app.get('/healthz', async (request) => request.url)
  app.post('/orders', async (request) => request.url)
  app.get('/phone', { onRequest: requireMigrations(gate, ['002_phone']) }, async (request) => request.url)
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  return { url, close: () => app.close() }
}

describeAdapter('Fastify 5', start)

const makeGate = () =>
  createGate({
    database: { query: () => Promise.reject(new Error('down')) },
    migrations: manifestOf(entry('001_a')),
  })

test('probes are outside the gate under a prefix too, and nothing else at their path is', async () => {
  const app = fastify()
  const gate = makeGate()
  await app.register(
    async (child) => {
      await child.register(schemaGate, { gate, livez: '/livez', readyz: '/readyz' })
      child.post('/livez', async () => 'passed')
    },
    { prefix: '/api' },
  )
  const codes = await Promise.all([
    app.inject('/api/livez'),
    app.inject({ method: 'HEAD', url: '/api/livez' }),
    app.inject({ method: 'POST', url: '/api/livez' }),
    app.inject('/api/readyz'),
  ])
  expect(codes.map(({ statusCode }) => statusCode)).toEqual([200, 200, 503, 503])
  await app.close()
})

afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

/** Registers the gate, and lets ten seconds pass. */
async function stayClosed(options: FastifyServerOptions): Promise<void> {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  const app = fastify(options)
  await app.register(schemaGate, { gate: makeGate(), readyz: '/readyz' })
  expect((await app.inject('/readyz')).statusCode).toBe(503)
  vi.advanceTimersByTime(10_000)
  await app.close()
}

test('why a gate stays closed is written to the log of Fastify', async () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
  const lines: string[] = []
  await stayClosed({ logger: { level: 'warn', stream: { write: (line) => void lines.push(line) } } })
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    expect.objectContaining({
      level: 40,
      msg: expect.stringMatching(/^tidemark: .*could not be checked: down/),
    }),
  ])
  expect(warn).not.toHaveBeenCalled()
})

test('where Fastify has no log, console.warn gets it', async () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
  await stayClosed({})
  expect(warn.mock.calls).toEqual([[expect.stringContaining('the schema gate is still closed')]])
})

test('what is no gate, and a misspelt option, are refused when the application starts', async () => {
  const gate = makeGate()
  const register = async (options: object) => {
    const app = fastify()
    Reflect.apply(app.register, app, [schemaGate, options])
    await app.ready()
  }
  await expect(register({})).rejects.toMatchObject({
    code: 'TM7003',
    message: 'schemaGate needs a gate, not undefined',
  })
  await expect(register({ gate: gate.guard({ requires: ['001_a'] }) })).rejects.toMatchObject({
    code: 'TM7003',
    message: 'schemaGate needs a gate, not the guard of a route',
  })
  await expect(register({ gate, liveness: '/livez' })).rejects.toMatchObject({
    code: 'TM7002',
    message: 'schemaGate: unknown option "liveness"',
  })
  expect(() => Reflect.apply(requireMigrations, undefined, [undefined, ['001_a']])).toThrow(
    expect.objectContaining({ code: 'TM7003', message: 'requireMigrations needs a gate, not undefined' }),
  )
  await register({ gate, logLevel: 'silent' })
  await gate.stop()
})
