import { type ServerType, serve } from '@hono/node-server'
import type { RequestGate } from '@tidemark/gate'
import { type AdapterApp, describeAdapter } from '@tidemark/gate/testing'
import { Hono } from 'hono'
import { expect, test } from 'vitest'
import { livez, readyz, schemaGate } from './schema-gate.ts'
import { withGate } from './with-gate.ts'

type Fetch = (request: Request) => Response | Promise<Response>

function listen(handler: Fetch): Promise<AdapterApp> {
  return new Promise((resolve) => {
    const server: ServerType = serve({ fetch: handler, port: 0, hostname: '127.0.0.1' }, ({ port }) =>
      resolve({
        url: `http://127.0.0.1:${port}`,
        close: () =>
          new Promise((done) => {
            if ('closeAllConnections' in server) server.closeAllConnections()
            server.close(() => done())
          }),
      }),
    )
  })
}

function startHono(gate: RequestGate): Promise<AdapterApp> {
  const app = new Hono()
  app.get('/livez', livez(gate))
  app.get('/readyz', readyz(gate))
  app.use(schemaGate(gate))
  app.use('/phone', schemaGate(gate, { requires: ['002_phone'] }))
  for (const path of ['/', '/healthz', '/phone']) app.get(path, (context) => context.text(context.req.path))
  app.post('/orders', (context) => context.text(context.req.path))
  return listen((request) => app.fetch(request))
}

/** A handler of the Fetch standard without a framework, as Bun, Deno and workers call it. */
function startFetch(gate: RequestGate): Promise<AdapterApp> {
  const known = new Set(['/', '/healthz', '/phone', '/orders'])
  const answer: Fetch = (request) => {
    const { pathname } = new URL(request.url)
    return new Response(pathname, { status: known.has(pathname) ? 200 : 404 })
  }
  const gated = withGate(answer, gate)
  const phone = withGate(gated, gate.guard({ requires: ['002_phone'] }))
  return listen(async (request) => {
    const { pathname } = new URL(request.url)
    if (pathname === '/livez') return withoutGate(gate.livez(), request)
    if (pathname === '/readyz') return withoutGate(await gate.readyz(), request)
    return pathname === '/phone' ? phone(request) : gated(request)
  })
}

const withoutGate = ({ status, headers, body }: ReturnType<RequestGate['livez']>, { method }: Request) =>
  new Response(method === 'HEAD' ? null : body, { status, headers: { ...headers } })

describeAdapter('Hono 4', startHono)
describeAdapter('a fetch handler', startFetch)

test('what is no gate is refused when the application starts', () => {
  for (const make of [schemaGate, livez, readyz]) {
    expect(() => Reflect.apply(make, undefined, [undefined])).toThrow(
      expect.objectContaining({ code: 'TM7003', message: `${make.name} needs a gate, not undefined` }),
    )
    expect(() => Reflect.apply(make, undefined, [{ isOpen: () => true, refuse: () => undefined }])).toThrow(
      expect.objectContaining({
        code: 'TM7003',
        message: `${make.name} needs a gate, not the guard of a route`,
      }),
    )
  }
  const turned = [{ isOpen: () => true, refuse: () => undefined }, () => new Response()]
  expect(() => Reflect.apply(withGate, undefined, turned)).toThrow(
    expect.objectContaining({ code: 'TM7003', message: 'withGate needs a gate, not a function' }),
  )
})
