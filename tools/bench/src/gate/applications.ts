import { createServer, type Server } from 'node:http'
import { serve } from '@hono/node-server'
import { schemaGate as expressGate, withGate as withExpressGate } from '@tidemark/express'
import { schemaGate as fastifyGate } from '@tidemark/fastify'
import type { Gate } from '@tidemark/gate'
import { schemaGate as honoGate, withGate } from '@tidemark/hono'
import express, { type Express } from 'express'
import { type FastifyInstance, fastify } from 'fastify'
import { Hono } from 'hono'

/** Starts an application that says hello on a free port of 127.0.0.1. */
type Start = (gate: Gate) => Server | Promise<Server>

/**
 * The applications of each framework: the bare one first, the same again as control, then what stands before
 * the route.
 */
export const APPLICATIONS: Readonly<Record<string, Readonly<Record<string, Start>>>> = {
  'Express 5': {
    bare: () => startExpress(),
    'bare again': () => startExpress(),
    'an empty middleware': () => startExpress((app) => app.use((_request, _response, next) => next())),
    schemaGate: (gate) => startExpress((app) => app.use(expressGate(gate))),
    withGate: (gate) => createServer(withExpressGate(makeExpress(), gate)).listen(0, '127.0.0.1'),
  },
  'Fastify 5': {
    bare: () => startFastify(),
    'bare again': () => startFastify(),
    'an empty hook': () =>
      startFastify((app) => app.addHook('onRequest', (_request, _reply, done) => done())),
    schemaGate: (gate) => startFastify((app) => app.register(fastifyGate, { gate })),
  },
  'Hono 4': {
    bare: () => startHono(makeHono()),
    'bare again': () => startHono(makeHono()),
    'an empty middleware': () => startHono(makeHono((app) => app.use((_context, next) => next()))),
    schemaGate: (gate) => startHono(makeHono((app) => app.use(honoGate(gate)))),
    withGate: (gate) => startHono({ fetch: withGate(makeHono().fetch, gate) }),
  },
}

function startExpress(prepare?: (app: Express) => unknown): Server {
  return makeExpress(prepare).listen(0, '127.0.0.1')
}

function makeExpress(prepare?: (app: Express) => unknown): Express {
  const app = express()
  prepare?.(app)
  app.get('/', (_request, response) => void response.send('hello'))
  return app
}

async function startFastify(prepare?: (app: FastifyInstance) => unknown): Promise<Server> {
  const app = fastify()
  await prepare?.(app)
  app.get('/', async () => 'hello')
  await app.listen({ port: 0, host: '127.0.0.1' })
  return app.server
}

function makeHono(prepare?: (app: Hono) => unknown): {
  fetch(request: Request): Response | Promise<Response>
} {
  const app = new Hono()
  prepare?.(app)
  app.get('/', (context) => context.text('hello'))
  return app
}

function startHono({ fetch }: { fetch(request: Request): Response | Promise<Response> }): Server {
  const server = serve({ fetch, port: 0, hostname: '127.0.0.1' })
  if ('keepAliveTimeout' in server) return server
  throw new TypeError('not a server of HTTP/1')
}
