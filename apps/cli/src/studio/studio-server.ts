import { randomBytes, timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { LOCAL_HOST, listenLocally } from '@tidemark/core/node'

/** A studio that answers. */
export interface StudioServer {
  /** With the token that the first visit exchanges for a cookie. */
  readonly url: string
  /** Sends an event to every page that is open. */
  send(event: StudioEvent, data: string): void
  /** Ends it at once. */
  close(): Promise<void>
}

/** `report` carries a document, `problem` a text, or null when it is over; both as JSON. */
export type StudioEvent = 'report' | 'problem'

/** What a studio shows at this moment. */
export interface StudioContent {
  /** The page with its data. */
  readonly page: () => Promise<string>
  /** What a page that begins to listen is sent first. */
  readonly greeting: () => readonly (readonly [StudioEvent, string])[]
}

/** Tried first, so that a bookmark may stay right. */
const USUAL_PORT = 4983

/**
 * Serves the studio on 127.0.0.1, to the browser that has the token and to no other page. It only answers GET.
 *
 * @param port undefined: the usual one, or any other where that is taken.
 * @throws {TidemarkError} TM7012 where the port cannot be listened on.
 */
export async function serveStudio(content: StudioContent, port: number | undefined): Promise<StudioServer> {
  const access: Access = { token: newSecret(), session: undefined }
  const { token } = access
  const streams = new Set<ServerResponse>()
  let own = 0
  const server = createServer((request, response) => {
    void answer(request, response, { content, access, streams, port: own })
  })
  own = await listen(server, port)
  return {
    url: `http://${LOCAL_HOST}:${own}/?token=${token}`,
    send: (event, data) => {
      for (const response of streams) response.write(formatEvent(event, data))
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

interface Access {
  /** Undefined once it was exchanged. */
  token: string | undefined
  session: string | undefined
}

interface Surroundings {
  readonly content: StudioContent
  readonly access: Access
  readonly streams: Set<ServerResponse>
  readonly port: number
}

const HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy': "frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
} as const

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { content, access, streams, port }: Surroundings,
): Promise<void> {
  const refusal = findRefusal(request, port)
  if (refusal !== undefined) return refuse(response, refusal)
  const url = new URL(request.url ?? '/', `http://${LOCAL_HOST}`)
  if (url.pathname === '/' && isSame(url.searchParams.get('token'), access.token)) {
    access.token = undefined
    access.session = newSecret()
    const cookie = `${cookieName(port)}=${access.session}; HttpOnly; SameSite=Strict; Path=/`
    return goHome(response, { 'set-cookie': cookie })
  }
  if (!isSame(readCookie(request, cookieName(port)), access.session)) return refuse(response, NO_ACCESS)
  if (url.pathname === '/' && url.search !== '') return goHome(response, {})
  if (url.pathname === '/') {
    const page = await content.page()
    response.writeHead(200, { ...HEADERS, 'content-type': 'text/html; charset=utf-8' }).end(page)
    return
  }
  if (url.pathname !== '/events') return refuse(response, [404, 'There is nothing here.'])
  response.writeHead(200, { ...HEADERS, 'content-type': 'text/event-stream' }).flushHeaders()
  streams.add(response)
  response.on('close', () => streams.delete(response))
  for (const [event, data] of content.greeting()) response.write(formatEvent(event, data))
}

type Refusal = readonly [status: number, text: string]

const NO_ACCESS: Refusal = [
  403,
  'Open the address that the studio printed when it started. One browser can use it, once.',
]

/** Another site may lead a browser here by a name of its own, or ask in the user's name. */
function findRefusal({ headers, method }: IncomingMessage, port: number): Refusal | undefined {
  const names = [`${LOCAL_HOST}:${port}`, `localhost:${port}`]
  const { host, origin } = headers
  if (host === undefined || !names.includes(host)) return [403, 'This name does not lead to the studio.']
  if (origin !== undefined && !names.some((name) => origin === `http://${name}`)) {
    return [403, 'The studio answers its own page alone.']
  }
  return method === 'GET' ? undefined : [405, 'The studio only shows: it answers GET.']
}

function refuse(response: ServerResponse, [status, text]: Refusal): void {
  response.writeHead(status, { ...HEADERS, 'content-type': 'text/plain; charset=utf-8' }).end(`${text}\n`)
}

/** The token does not stay in the address. */
function goHome(response: ServerResponse, more: Readonly<Record<string, string>>): void {
  response.writeHead(302, { ...HEADERS, ...more, location: '/' }).end()
}

function formatEvent(event: StudioEvent, data: string): string {
  return `event: ${event}\ndata: ${data}\n\n`
}

/** Cookies know no ports: two studios must not take each other's. */
function cookieName(port: number): string {
  return `tidemark_studio_${port}`
}

function readCookie({ headers }: IncomingMessage, name: string): string | null {
  const pairs = (headers.cookie ?? '').split(';').map((pair) => pair.trim().split('='))
  return pairs.find(([key]) => key === name)?.[1] ?? null
}

function newSecret(): string {
  return randomBytes(24).toString('base64url')
}

function isSame(given: string | null, expected: string | undefined): boolean {
  if (given === null || expected === undefined) return false
  const [a, b] = [Buffer.from(given), Buffer.from(expected)]
  return a.length === b.length && timingSafeEqual(a, b)
}

async function listen(server: Server, port: number | undefined): Promise<number> {
  const listenOn = (one: number) => listenLocally(server, 'the studio', one)
  return port === undefined ? listenOn(USUAL_PORT).catch(() => listenOn(0)) : listenOn(port)
}
