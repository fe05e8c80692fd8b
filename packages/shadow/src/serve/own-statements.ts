import { createHash } from 'node:crypto'
import { createMessageFramer, WIRE, type WireMessage } from '@tidemark/pg-driver/engine'

/** Names are cut after 63 bytes, so that a longer one would be another's. */
const MOST_BYTES = 63

/**
 * Gives the prepared statements of one client names of its own, where several clients share a session: drivers
 * number them, so two clients use the same names for other statements. What is not complete yet waits.
 *
 * @param client of no other client at the same time.
 */
export function ownStatements(client: number): (chunk: Uint8Array) => Uint8Array {
  const frame = createMessageFramer('backend') // From here on every message has a type.
  return (chunk) => Buffer.concat(frame(chunk).map((message) => rename(message, client)))
}

function rename(message: WireMessage, client: number): Uint8Array {
  const bytes = Buffer.from(message.bytes)
  const start = startOfName(message.type, bytes)
  const end = start === undefined ? -1 : bytes.indexOf(0, start)
  if (start === undefined || end <= start) return bytes
  const own = ownName(bytes.toString('utf8', start, end), client)
  const renamed = Buffer.concat([bytes.subarray(0, start), Buffer.from(own), bytes.subarray(end)])
  renamed.writeInt32BE(renamed.length - 1, 1)
  return renamed
}

/** Where the name of a statement begins; undefined where a message has none. */
function startOfName(type: number, bytes: Buffer): number | undefined {
  if (type === WIRE.parse) return 5
  if (type === WIRE.bind) return bytes.indexOf(0, 5) + 1 // Behind the name of the portal.
  const isOfStatement = (type === WIRE.describe || type === WIRE.closeNamed) && bytes[5] === 0x53 // S
  return isOfStatement ? 6 : undefined
}

function ownName(name: string, client: number): string {
  const own = `${client}:${name}`
  if (Buffer.byteLength(own) <= MOST_BYTES) return own
  return `${client}:${createHash('sha256').update(name).digest('hex').slice(0, 40)}`
}
