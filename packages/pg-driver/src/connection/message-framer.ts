/** One message of the protocol: its type letter (0 for the untyped startup packet) and all its bytes. */
export interface WireMessage {
  readonly type: number
  readonly bytes: Uint8Array
}

/** Which side writes: a client's first message has no type letter. */
export type WireSide = 'frontend' | 'backend'

/**
 * Cuts a stream of bytes into whole messages; what is incomplete waits for the next chunk.
 * https://www.postgresql.org/docs/current/protocol-message-formats.html
 *
 * @throws {RangeError} where the bytes are no messages.
 * @example
 * const frame = createMessageFramer('backend')
 * for (const message of frame(chunk)) …
 */
export function createMessageFramer(side: WireSide): (chunk: Uint8Array) => WireMessage[] {
  let rest: Uint8Array = new Uint8Array(0)
  let typed = side === 'backend'
  return (chunk) => {
    let bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    const messages: WireMessage[] = []
    for (;;) {
      const header = typed ? 1 : 0
      if (bytes.length < header + 4) break
      const length = new DataView(bytes.buffer, bytes.byteOffset).getInt32(header)
      if (length < 4) throw new RangeError(`a message of ${length} bytes is none of the protocol`)
      const end = header + length
      if (bytes.length < end) break
      messages.push({ type: typed ? (bytes[0] ?? 0) : 0, bytes: bytes.subarray(0, end) })
      bytes = bytes.subarray(end)
      typed = true
    }
    rest = bytes
    return messages
  }
}

/** The type letters that this package distinguishes. */
export const WIRE = {
  query: 0x51, // Q
  parse: 0x50, // P
  bind: 0x42, // B
  describe: 0x44, // D
  closeNamed: 0x43, // C
  password: 0x70, // p
  sync: 0x53, // S
  functionCall: 0x46, // F
  terminate: 0x58, // X
  error: 0x45, // E
  readyForQuery: 0x5a, // Z
} as const

/** The SQL of a Query or Parse message; undefined for every other. */
export function readSql({ type, bytes }: WireMessage): string | undefined {
  const start = type === WIRE.query ? 5 : type === WIRE.parse ? bytes.indexOf(0, 5) + 1 : undefined
  return start === undefined ? undefined : Buffer.from(bytes).toString('utf8', start, bytes.indexOf(0, start))
}

/** Writes one message: its type letter, its length and its body. */
export function writeMessage(type: number, text: string): Uint8Array {
  const body = Buffer.from(text)
  const header = Buffer.alloc(5)
  header[0] = type
  header.writeInt32BE(body.length + 4, 1)
  return Buffer.concat([header, body])
}
