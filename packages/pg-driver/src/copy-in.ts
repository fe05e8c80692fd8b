import { once } from 'node:events'
import type { Writable } from 'node:stream'

/** What may be copied in. */
export type CopySource = Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array>

/** The CopyDone message. https://www.postgresql.org/docs/current/protocol-message-formats.html */
export const COPY_DONE = Buffer.from([0x63, 0, 0, 0, 4])

/** Makes one CopyData message. */
export function copyDataFrame(data: string | Uint8Array): Buffer {
  return frame(0x64, typeof data === 'string' ? Buffer.from(data) : data)
}

/** Makes a CopyFail message: the server then fails the COPY with this reason. */
export function copyFailFrame(reason: string): Buffer {
  return frame(0x66, Buffer.from(`${reason}\0`))
}

/** The server reads a message whole before it looks at it: larger ones are slower. */
const MESSAGE_BYTES = 64 * 1024

function writeData(stream: Writable, bytes: Uint8Array): boolean {
  stream.write(frameHeader(0x64, bytes.byteLength))
  return stream.write(bytes)
}

/** Writes the data and CopyDone, waiting whenever the socket is full. Ends early when `isOver` says that the server refused. */
export async function pumpCopyData(
  stream: Writable,
  source: CopySource,
  isOver: () => boolean,
): Promise<void> {
  try {
    for await (const chunk of source) {
      if (isOver()) return
      const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk
      for (let at = 0; at < bytes.byteLength; at += MESSAGE_BYTES) {
        if (!writeData(stream, bytes.subarray(at, at + MESSAGE_BYTES))) await once(stream, 'drain')
        if (isOver()) return
      }
    }
    if (!isOver()) stream.write(COPY_DONE)
  } catch (error) {
    stream.write(copyFailFrame(error instanceof Error ? error.message : String(error)))
  }
}

function frame(type: number, payload: Uint8Array): Buffer {
  return Buffer.concat([frameHeader(type, payload.byteLength), payload])
}

function frameHeader(type: number, payloadLength: number): Buffer {
  const header = Buffer.allocUnsafe(5)
  header[0] = type
  header.writeUInt32BE(payloadLength + 4, 1)
  return header
}
