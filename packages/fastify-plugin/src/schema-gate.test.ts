import type { Gate } from '@tidemark/gate'
import { type AdapterApp, describeAdapter } from '@tidemark/gate/testing'
import { fastify } from 'fastify'
import { requireMigrations, schemaGate } from './schema-gate.ts'

async function start(gate: Gate): Promise<AdapterApp> {
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
