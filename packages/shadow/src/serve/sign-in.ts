import { randomInt, timingSafeEqual } from 'node:crypto'
import type { Socket } from 'node:net'
import { WIRE, writeMessage } from '@tidemark/pg-driver/engine'
import { createSocketReader, type SocketReader } from './socket-reader.ts'

/** What a client wants that has connected. */
export type Arrival =
  | { readonly kind: 'signed_in'; readonly settings: ReadonlyMap<string, string> }
  /** It asks to cancel what the session with this key runs, on a connection of its own. */
  | { readonly kind: 'cancel'; readonly key: string }
  /** It left, or is none that may come in. */
  | { readonly kind: 'refused' }

/** What a session is cancelled with. */
export interface CancelKey {
  readonly processId: number
  readonly secret: number
}

const REQUEST = { tls: 80_877_103, gss: 80_877_104, cancel: 80_877_102 } as const
/** Larger ones are not those of a client: PostgreSQL has the same limits. */
const MOST_BYTES = { startup: 10_000, password: 65_535 } as const
const AUTHENTICATION = 0x52 // R
const PARAMETER_STATUS = 0x53 // S
const BACKEND_KEY = 0x4b // K
const NEGOTIATE_VERSION = 0x76 // v
const NO = Buffer.from('N')

/**
 * Reads what a client of PostgreSQL says first, and asks for the password, as a server that has no TLS does.
 * https://www.postgresql.org/docs/current/protocol-flow.html
 */
export async function receive(socket: Socket, password: string): Promise<Arrival> {
  const reader = createSocketReader(socket)
  try {
    return await listenTo(socket, reader, password)
  } finally {
    reader.release()
  }
}

async function listenTo(socket: Socket, reader: SocketReader, password: string): Promise<Arrival> {
  for (;;) {
    const packet = await readPacket(reader, MOST_BYTES.startup)
    if (packet === undefined || packet.length < 4) return { kind: 'refused' }
    const code = packet.readInt32BE(0)
    if (code === REQUEST.tls || code === REQUEST.gss) socket.write(NO)
    else if (code === REQUEST.cancel) return { kind: 'cancel', key: packet.toString('hex', 4) }
    else return signIn(socket, reader, { startup: packet, password })
  }
}

async function signIn(
  socket: Socket,
  reader: SocketReader,
  { startup, password }: { readonly startup: Buffer; readonly password: string },
): Promise<Arrival> {
  const major = startup.readUInt16BE(0)
  const minor = startup.readUInt16BE(2)
  if (major !== 3) return refuse(socket, '0A000', 'unsupported frontend protocol')
  const given = readSettings(startup)
  const unknown = [...given.keys()].filter((name) => name.startsWith('_pq_.'))
  if (minor > 0 || unknown.length > 0) socket.write(negotiateVersion(unknown))
  socket.write(writeMessage(AUTHENTICATION, '\0\0\0\x03')) // AuthenticationCleartextPassword
  const type = await reader.read(1)
  if (type?.[0] !== WIRE.password) return { kind: 'refused' }
  const answer = await readPacket(reader, MOST_BYTES.password)
  const text = answer?.subarray(0, Math.max(0, answer.length - 1))
  if (text === undefined) return { kind: 'refused' }
  if (!isSame(text, Buffer.from(password)))
    return refuse(socket, '28P01', 'password authentication failed: use the URL that was printed')
  const settings = new Map([...given].filter(([name]) => !name.startsWith('_pq_.')))
  return { kind: 'signed_in', settings }
}

/** Welcomes a client: AuthenticationOk, what the server reported, how to cancel, and ReadyForQuery. */
export function welcome(socket: Socket, parameters: ReadonlyMap<string, string>, key: CancelKey): void {
  socket.write(writeMessage(AUTHENTICATION, '\0\0\0\0'))
  for (const [name, value] of parameters) socket.write(writeMessage(PARAMETER_STATUS, `${name}\0${value}\0`))
  socket.write(frame(BACKEND_KEY, keyBytes(key)))
  socket.write(writeMessage(WIRE.readyForQuery, 'I'))
}

/** Makes a key that no other session has. */
export function newCancelKey(): CancelKey {
  const below = 2 ** 31
  return { processId: randomInt(1, below), secret: randomInt(1, below) }
}

/** The key as an arrival names it. */
export function nameOfKey(key: CancelKey): string {
  return keyBytes(key).toString('hex')
}

/** Ends a connection with an error that a client shows. */
export function refuse(socket: Socket, sqlState: string, message: string): { readonly kind: 'refused' } {
  socket.end(writeMessage(WIRE.error, `SFATAL\0VFATAL\0C${sqlState}\0M${message}\0\0`))
  return { kind: 'refused' }
}

/** The settings of a startup packet: names and values, one after the other. */
function readSettings(packet: Buffer): ReadonlyMap<string, string> {
  const words = packet.toString('utf8', 4).split('\0')
  const settings = new Map<string, string>()
  for (let at = 0; at + 1 < words.length && words[at] !== ''; at += 2)
    settings.set(words[at] ?? '', words[at + 1] ?? '')
  return settings
}

function negotiateVersion(unknown: readonly string[]): Buffer {
  const head = Buffer.alloc(8)
  head.writeInt32BE(unknown.length, 4)
  return frame(
    NEGOTIATE_VERSION,
    Buffer.concat([head, Buffer.from(unknown.map((one) => `${one}\0`).join(''))]),
  )
}

function keyBytes({ processId, secret }: CancelKey): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeInt32BE(processId, 0)
  bytes.writeInt32BE(secret, 4)
  return bytes
}

function frame(type: number, body: Buffer): Buffer {
  const head = Buffer.alloc(5)
  head[0] = type
  head.writeInt32BE(body.length + 4, 1)
  return Buffer.concat([head, body])
}

/** Reads a length and what it counts; undefined where the client has left, or it is too long. */
async function readPacket(reader: SocketReader, most: number): Promise<Buffer | undefined> {
  const length = (await reader.read(4))?.readInt32BE(0)
  if (length === undefined || length < 4 || length > most) return undefined
  return reader.read(length - 4)
}

function isSame(a: Buffer, b: Buffer): boolean {
  return a.length === b.length && timingSafeEqual(a, b)
}
