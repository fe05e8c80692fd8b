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

/** Writes the data and CopyDone, waiting whenever the socket is full. Ends early when `isOver` says that the server refused. */
export async function pumpCopyData(
  stream: Writable,
  source: CopySource,
  isOver: () => boolean,
): Promise<void> {
  try {
    for await (const chunk of source) {
      if (isOver()) return
      if (!stream.write(copyDataFrame(chunk))) await once(stream, 'drain')
    }
    if (!isOver()) stream.write(COPY_DONE)
  } catch (error) {
    stream.write(copyFailFrame(error instanceof Error ? error.message : String(error)))
  }
}

function frame(type: number, payload: Uint8Array): Buffer {
  const buffer = Buffer.allocUnsafe(payload.byteLength + 5)
  buffer[0] = type
  buffer.writeUInt32BE(payload.byteLength + 4, 1)
  buffer.set(payload, 5)
  return buffer
}
