import type { Gate, GateResponse, Guard } from '@tidemark/gate'
import type { FastifyPluginAsync, FastifyReply, FastifyRequest, onRequestAsyncHookHandler } from 'fastify'
import fastifyPlugin from 'fastify-plugin'

/** Options of {@link schemaGate}. */
export interface SchemaGateOptions {
  readonly gate: Gate
  /** Where to answer liveness probes, outside the gate. Default: nowhere. */
  readonly livez?: string
  /** Where to answer readiness probes, outside the gate. Default: nowhere. */
  readonly readyz?: string
}

const plugin: FastifyPluginAsync<SchemaGateOptions> = async function schemaGatePlugin(app, options) {
  const { gate, livez, readyz } = options
  if (livez !== undefined) app.get(livez, (_request, reply) => send(reply, gate.livez()))
  if (readyz !== undefined) {
    app.get(readyz, async (_request, reply) => send(reply, await gate.readyz()))
  }
  const guardRequest = guardRequests(gate)
  app.addHook('onRequest', async function schemaGateHook(request, reply) {
    const route = request.routeOptions.url
    const isProbe = route !== undefined && (route === livez || route === readyz)
    return gate.isOpen() || isProbe ? undefined : guardRequest.call(this, request, reply)
  })
  app.addHook('onClose', () => gate.stop())
}

/**
 * Answers 503 until the schema is current; then it costs a boolean read a request. It gates every route of the instance it is
 * registered on, and stops the gate's timers when the server closes.
 *
 * @example await app.register(schemaGate, { gate, livez: '/livez', readyz: '/readyz' })
 */
export const schemaGate: FastifyPluginAsync<SchemaGateOptions> = fastifyPlugin(plugin, {
  fastify: '5.x',
  name: '@tidemark/fastify',
})

/**
 * Makes an `onRequest` hook that gates one route alone, by these ids.
 *
 * @throws TidemarkError TM7003 or TM2007 when the application starts.
 * @example app.get('/phone', { onRequest: requireMigrations(gate, ['040_add_phone']) }, showPhone)
 */
export function requireMigrations(gate: Gate, ids: readonly string[]): onRequestAsyncHookHandler {
  return guardRequests(gate.guard({ requires: ids }))
}

function guardRequests(guard: Guard): onRequestAsyncHookHandler {
  return async function schemaGateHook(request, reply) {
    const refusal = guard.isOpen() ? undefined : await guard.refuse(describe(request))
    return refusal === undefined ? undefined : send(reply, refusal)
  }
}

function describe({ method, url, headers }: FastifyRequest) {
  const header = (name: string) => {
    const value = headers[name]
    return Array.isArray(value) ? value.join(', ') : value
  }
  return { method, path: url, header }
}

/** Sends bytes, since Fastify appends a charset to the type of a text. */
function send(reply: FastifyReply, { status, headers, body }: GateResponse): FastifyReply {
  return reply.code(status).headers(headers).send(new TextEncoder().encode(body))
}
