import {
  type GateResponse,
  type Guard,
  type RequestGate,
  refuseUnknownKeys,
  requireGate,
} from '@tidemark/gate'
import type {
  FastifyPluginAsync,
  FastifyReply,
  FastifyRequest,
  HookHandlerDoneFunction,
  onRequestHookHandler,
} from 'fastify'

/** Options of {@link schemaGate}. */
export interface SchemaGateOptions {
  readonly gate: RequestGate
  /** Where to answer liveness probes, outside the gate. Default: nowhere. */
  readonly livez?: string
  /** Where to answer readiness probes, outside the gate. Default: nowhere. */
  readonly readyz?: string
}

/** What `register` takes of us, and of Fastify. */
const KNOWN = ['gate', 'livez', 'readyz', 'prefix', 'logLevel', 'logSerializers']

/** Marks the routes of the probes, whatever prefix Fastify gave them. */
const ungated: unique symbol = Symbol('ungated')
const UNGATED = { [ungated]: true }

const plugin: FastifyPluginAsync<SchemaGateOptions> = async function schemaGatePlugin(app, options) {
  refuseUnknownKeys('schemaGate', Object.keys(options), KNOWN)
  const { gate, livez, readyz } = options
  requireGate('schemaGate', gate)
  // Without a logger Fastify has one that writes nothing, and has no level.
  if (app.log.level !== undefined) gate.logTo(app.log)
  if (livez !== undefined) {
    app.get(livez, { config: UNGATED }, (_request, reply) => send(reply, gate.livez()))
  }
  if (readyz !== undefined) {
    app.get(readyz, { config: UNGATED }, async (_request, reply) => send(reply, await gate.readyz()))
  }
  app.addHook('onRequest', guardRequests(gate))
  app.addHook('onClose', () => gate.stop())
}

/**
 * Answers 503 until the schema is current; then it costs a boolean read a request. It gates every route of
 * the instance it is registered on, and stops the gate's timers when the server closes.
 *
 * @example await app.register(schemaGate, { gate, livez: '/livez', readyz: '/readyz' })
 */
export const schemaGate: FastifyPluginAsync<SchemaGateOptions> = Object.assign(plugin, {
  // Without a scope of its own, as https://fastify.dev/docs/latest/Reference/Plugins/#handle-the-scope says.
  [Symbol.for('skip-override')]: true,
  [Symbol.for('fastify.display-name')]: '@tidemark/fastify',
})

/**
 * Makes an `onRequest` hook that gates one route alone, by these ids.
 *
 * @throws TidemarkError TM7003 or TM2007 when the application starts.
 * @example app.get('/phone', { onRequest: requireMigrations(gate, ['040_add_phone']) }, showPhone)
 */
export function requireMigrations(gate: RequestGate, ids: readonly string[]): onRequestHookHandler {
  requireGate('requireMigrations', gate)
  return guardRequests(gate.guard({ requires: ids }))
}

function guardRequests(guard: Guard): onRequestHookHandler {
  // No async function and nothing captured: either would cost an open gate its memory at every request.
  return function schemaGateHook(request, reply, done) {
    if (guard.isOpen() || ungated in request.routeOptions.config) done()
    else passOrAnswer(guard, request, reply, done)
  }
}

function passOrAnswer(
  guard: Guard,
  request: FastifyRequest,
  reply: FastifyReply,
  done: HookHandlerDoneFunction,
): void {
  guard
    .refuse(describe(request))
    .then((refusal) => (refusal === undefined ? done() : void send(reply, refusal)), done)
}

function describe(request: FastifyRequest) {
  const { method, url, headers } = request
  const header = (name: string) => {
    const value = headers[name]
    return Array.isArray(value) ? value.join(', ') : value
  }
  return { method, path: url, header, raw: request }
}

/** Sends bytes, since Fastify appends a charset to the type of a text. */
function send(reply: FastifyReply, { status, headers, body }: GateResponse): FastifyReply {
  return reply.code(status).headers(headers).send(new TextEncoder().encode(body))
}
