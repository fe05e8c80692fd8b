import { createServer, type RequestListener, type Server } from 'node:http'
import type { RequestGate } from '@tidemark/gate'
import { createGate } from '@tidemark/gate'
import { type AdapterApp, describeAdapter, entry, manifestOf } from '@tidemark/gate/testing'
import express5, { type Express } from 'express'
// @ts-expect-error Express 4 under another name has no types of its own; the types of 5 describe what is used here.
import express4Untyped from 'express-4'
import { expect, test } from 'vitest'
import { livez, readyz, schemaGate } from './schema-gate.ts'
import { withGate } from './with-gate.ts'

const express4: typeof express5 = express4Untyped

function listen(app: RequestListener): Promise<AdapterApp> {
  return new Promise((resolve) => {
    const server: Server = createServer(app).listen(0, '127.0.0.1', () => {
      const address = server.address()
      if (address === null || typeof address === 'string') throw new TypeError('no port')
      resolve({
        url: `http://127.0.0.1:${address.port}`,
        close: () =>
          new Promise((done) => {
            server.closeAllConnections()
            server.close(() => done())
          }),
      })
    })
  })
}

function start(express: typeof express5, gate: RequestGate): Promise<AdapterApp> {
  const app = express()
  app.get('/livez', livez(gate))
  app.get('/readyz', readyz(gate))
  app.use(schemaGate(gate))
  app.get('/phone', schemaGate(gate, { requires: ['002_phone'] }))
  app.get(['/', '/healthz', '/phone'], (request, response) => void response.send(request.path))
  app.post('/orders', (request, response) => void response.send(request.path))
  return listen(app)
}

/** The same behind `withGate`: the probes and the route have their own places outside. */
function startWrapped(gate: RequestGate): Promise<AdapterApp> {
  const app: Express = express5()
  app.get(['/', '/healthz', '/phone'], (request, response) => void response.send(request.path))
  app.post('/orders', (request, response) => void response.send(request.path))
  const gated = withGate(app, gate)
  const phone = withGate(gated, gate.guard({ requires: ['002_phone'] }))
  const probes = express5().get('/livez', livez(gate)).get('/readyz', readyz(gate))
  return listen((request, response) => {
    if (request.url === '/livez' || request.url === '/readyz') return probes(request, response)
    return request.url === '/phone' ? phone(request, response) : gated(request, response)
  })
}

describeAdapter('Express 5', (gate) => start(express5, gate))
describeAdapter('Express 4', (gate) => start(express4, gate))
describeAdapter('an Express application behind withGate', startWrapped)

const never = { query: () => new Promise<never>(() => undefined) }

test('an allow list names paths from the root, also in a mounted application', async () => {
  const gate = createGate({
    database: never,
    migrations: manifestOf(entry('001_a')),
    allow: ['/api/healthz'],
    timeoutMs: 100,
  })
  const app = express5()
  app.use('/api', schemaGate(gate))
  app.get('/api/healthz', (_request, response) => void response.send('well'))
  const { url, close } = await listen(app)
  expect((await fetch(`${url}/api/healthz`)).status).toBe(200)
  await close()
  await gate.stop()
})

test("an error of the application's own rule reaches its error handler", async () => {
  const gate = createGate({
    database: { query: () => Promise.reject(new Error('down')) },
    migrations: manifestOf(entry('001_a')),
    allow: () => {
      throw new Error('bad rule')
    },
  })
  const app = express5()
  app.use(schemaGate(gate))
  app.use((error: Error, _request: unknown, response: express5.Response, _next: unknown) => {
    response.status(500).send(error.message)
  })
  const { url, close } = await listen(app)
  const response = await fetch(url)
  expect([response.status, await response.text()]).toEqual([500, 'bad rule'])
  await close()
  await gate.stop()
})

test('before an application an error of the rule is answered with 500 and is a warning of the process', async () => {
  const gate = createGate({
    database: { query: () => Promise.reject(new Error('down')) },
    migrations: manifestOf(entry('001_a')),
    allow: () => {
      throw new Error('bad rule')
    },
  })
  const warning = new Promise<Error>((resolve) => process.once('warning', resolve))
  const { url, close } = await listen(withGate(() => undefined, gate))
  const response = await fetch(url)
  expect([response.status, await response.text()]).toEqual([
    500,
    '{"title":"Internal Server Error","status":500}',
  ])
  expect((await warning).message).toBe('bad rule')
  await close()
  await gate.stop()
})

test('a route that requires what does not exist, or nothing, is refused when the application starts', async () => {
  const gate = createGate({
    database: { query: () => Promise.reject(new Error('down')) },
    migrations: manifestOf(entry('040_add_phone')),
  })
  expect(() => schemaGate(gate, { requires: ['040_ad_phone'] })).toThrow(
    expect.objectContaining({
      code: 'TM2007',
      message: 'the gate requires "040_ad_phone", which does not exist',
      help: 'did you mean "040_add_phone"?',
    }),
  )
  expect(() => schemaGate(gate, { requires: [] })).toThrow(expect.objectContaining({ code: 'TM7003' }))
  const misspelt = { requires: ['040_add_phone'], require: ['040_add_phone'] }
  expect(() => schemaGate(gate, misspelt)).toThrow(
    expect.objectContaining({ code: 'TM7002', help: 'did you mean "requires"?' }),
  )
  await gate.stop()
})

test.each([
  [undefined, 'undefined'],
  [{ gate: {} }, 'another object'],
  [createGate, 'a function'],
  [{ isOpen: () => true, refuse: () => undefined }, 'the guard of a route'],
])('what is no gate is refused when the application starts: %o', (given, name) => {
  for (const make of [schemaGate, livez, readyz]) {
    expect(() => Reflect.apply(make, undefined, [given])).toThrow(
      expect.objectContaining({ code: 'TM7003', message: `${make.name} needs a gate, not ${name}` }),
    )
  }
})

test('arguments of withGate that were turned are refused when the application starts', () => {
  const turned = [{ isOpen: () => true, refuse: () => undefined }, () => undefined]
  expect(() => Reflect.apply(withGate, undefined, turned)).toThrow(
    expect.objectContaining({ code: 'TM7003', message: 'withGate needs a gate, not a function' }),
  )
})
