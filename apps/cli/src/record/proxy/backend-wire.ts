import type { Socket } from 'node:net'
import { createMessageFramer, type Wire, type WireMessage } from '@tidemark/pg-driver/engine'

/** One session of the scratch database, asked one message at a time. */
export interface BackendWire {
  /** Sends messages and waits for the answer that ends them. */
  ask(bytes: Uint8Array, options: AskOptions): Promise<readonly WireMessage[]>
  /** Sends data that has no answer. */
  send(bytes: Uint8Array): void
  /** Writes a message to the client. */
  show(bytes: Uint8Array): void
}

/** How {@link BackendWire.ask} waits. */
export interface AskOptions {
  /** The letters of the answers that end it. */
  readonly until: string
  /** How many of them there are, unless one is an error. Default 1. */
  readonly times?: number
  /** Whether the client gets the answers, or only the recording. */
  readonly to: 'client' | 'us'
}

interface Asking {
  readonly until: ReadonlySet<number>
  left: number
  readonly isShown: boolean
  readonly answers: WireMessage[]
  readonly onTime: () => void
  readonly resolve: (answers: readonly WireMessage[]) => void
}

/** Messages that the server sends whenever it likes: notices, notifications, changed parameters. */
const UNASKED: ReadonlySet<number> = new Set(Buffer.from('NAS'))

const ERROR = 'E'.charCodeAt(0)

/** Answers that are looked at: errors, ends of commands, descriptions of parameters, and who is next. */
const KEPT: ReadonlySet<number> = new Set(Buffer.from('ECIstTnGZ12'))

/** How often it is said that an answer is late. */
const LATE_MS = 5000

/** Calls back again and again until what is waited for has come. Gives what ends it. */
export function callWhileLate(onLate: () => void): () => void {
  const timer = setInterval(onLate, LATE_MS).unref()
  return () => clearInterval(timer)
}

/** Makes the scratch database's end of a client's connection; calls back while an answer is late. */
export function createBackendWire({ stream }: Wire, client: Socket, onLate: () => void): BackendWire {
  const frame = createMessageFramer('backend')
  let asking: Asking | undefined
  const show = (bytes: Uint8Array): void => {
    if (client.destroyed || client.write(bytes)) return
    stream.pause()
    client.once('drain', () => stream.resume())
  }
  const take = (message: WireMessage): void => {
    const isUnasked = UNASKED.has(message.type)
    if (isUnasked || asking === undefined || asking.isShown) show(message.bytes)
    if (isUnasked || asking === undefined) return
    if (!asking.isShown || KEPT.has(message.type)) asking.answers.push(message)
    if (!asking.until.has(message.type)) return
    asking.left -= 1
    if (asking.left > 0 && message.type !== ERROR) return
    const { resolve, answers, onTime } = asking
    onTime()
    asking = undefined
    resolve(answers)
  }
  stream.on('data', (chunk: Uint8Array) => {
    for (const message of frame(chunk)) take(message)
  })
  client.once('close', () => stream.resume())
  const ended = new Promise<never>((_, reject) => {
    stream.once('close', () => reject(new Error('the scratch database ended the connection')))
  })
  ended.catch(() => undefined)
  return {
    ask: (bytes, { until, times = 1, to }) =>
      Promise.race([
        ended,
        new Promise<readonly WireMessage[]>((resolve) => {
          asking = {
            until: new Set(Buffer.from(until)),
            left: times,
            isShown: to === 'client',
            answers: [],
            onTime: callWhileLate(onLate),
            resolve,
          }
          stream.write(bytes)
        }),
      ]),
    send: (bytes) => void stream.write(bytes),
    show,
  }
}
