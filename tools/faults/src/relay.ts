import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

/** When a relay cuts a connection. Bytes are counted over all connections since the relay was armed. */
export type Cut =
  /** After this many bytes of the client. */
  | { readonly kind: 'request'; readonly bytes: number }
  /** After this many bytes of the server. */
  | { readonly kind: 'answer'; readonly bytes: number }
  /** At the nth COMMIT that passes: before the server sees it, or after, so that its answer is lost. */
  | { readonly kind: 'commit'; readonly nth: number; readonly side: 'before' | 'after' }

/** A TCP relay between a runner and a server, on 127.0.0.1. */
export interface Relay {
  /** The URL through the relay. */
  url(direct: string): string
  /** Sets when to cut, once; then whether new connections are let through, so that the runner can look. */
  arm(cut: Cut, afterwards: 'open' | 'shut'): void
  /** Lets everything through again. */
  disarm(): void
  /** True when the connection was cut since it was armed. */
  readonly hasCut: boolean
  /** Bytes that passed since it was made or armed. */
  readonly passed: { readonly request: number; readonly answer: number; readonly commits: number }
  close(): Promise<void>
}

const COMMIT = Buffer.from('COMMIT')

/** Starts a relay to a server. */
export async function startRelay(port: number): Promise<Relay> {
  const pairs = new Set<Pair>()
  const state: State = { cut: undefined, isShut: false, hasCut: false, afterwards: 'open', passed: nothing() }
  const listener = createServer({ noDelay: true }, (client) => {
    if (state.isShut) {
      client.destroy()
      return
    }
    const pair = { client, server: connect({ host: '127.0.0.1', port, noDelay: true }) }
    pairs.add(pair)
    join(pair, state)
    client.on('close', () => pairs.delete(pair))
  })
  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const address = listener.address()
  const own = typeof address === 'object' && address !== null ? address.port : 0
  return {
    url(direct) {
      const url = new URL(direct)
      url.hostname = '127.0.0.1'
      url.port = String(own)
      return url.href
    },
    arm(cut, afterwards) {
      Object.assign(state, { cut, afterwards, isShut: false, hasCut: false, passed: nothing() })
    },
    disarm() {
      Object.assign(state, { cut: undefined, isShut: false })
    },
    get hasCut() {
      return state.hasCut
    },
    get passed() {
      return state.passed
    },
    async close() {
      for (const pair of pairs) destroy(pair)
      listener.close()
      await once(listener, 'close')
    },
  }
}

interface Pair {
  readonly client: Socket
  readonly server: Socket
}

interface State {
  cut: Cut | undefined
  afterwards: 'open' | 'shut'
  isShut: boolean
  hasCut: boolean
  passed: { request: number; answer: number; commits: number }
}

const nothing = () => ({ request: 0, answer: 0, commits: 0 })

function join(pair: Pair, state: State): void {
  const { client, server } = pair
  for (const socket of [client, server]) socket.on('error', () => undefined)
  client.on('data', (data) => {
    const { length, isCut } = measureRequest(data, state)
    if (length > 0) server.write(data.subarray(0, length))
    if (isCut) cutNow(pair, state)
  })
  server.on('data', (data) => {
    const { cut, passed } = state
    const left = cut?.kind === 'answer' ? Math.max(0, cut.bytes - passed.answer) : data.length
    passed.answer += Math.min(left, data.length)
    client.write(data.subarray(0, left))
    if (cut?.kind === 'answer' && left < data.length) cutNow(pair, state)
  })
  client.on('close', () => server.end())
  server.on('close', () => client.destroy())
}

/** How much of a chunk still reaches the server, and whether the connection ends behind it. */
function measureRequest(
  data: Buffer,
  { cut, passed }: State,
): { readonly length: number; readonly isCut: boolean } {
  const before = { ...passed }
  passed.request += data.length
  const commits = findAll(data, COMMIT)
  passed.commits += commits.length
  if (cut?.kind === 'request' && passed.request > cut.bytes) {
    return { length: Math.max(0, cut.bytes - before.request), isCut: true }
  }
  if (cut?.kind !== 'commit' || passed.commits < cut.nth) return { length: data.length, isCut: false }
  const at = commits[cut.nth - before.commits - 1] ?? 0
  return { length: cut.side === 'before' ? at : data.length, isCut: true }
}

function findAll(data: Buffer, word: Buffer): readonly number[] {
  const found: number[] = []
  for (let at = data.indexOf(word); at >= 0; at = data.indexOf(word, at + 1)) found.push(at)
  return found
}

/** What was written before still reaches the server, which then sees the end. */
function cutNow({ client, server }: Pair, state: State): void {
  state.cut = undefined
  state.hasCut = true
  state.isShut = state.afterwards === 'shut'
  client.destroy()
  server.end()
}

function destroy({ client, server }: Pair): void {
  client.destroy()
  server.destroy()
}
