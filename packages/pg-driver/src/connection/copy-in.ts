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

/**
 * Writes the data and CopyDone. Each piece is asked for when the socket has taken the one before, whose
 * memory may then be used again. Ends early when `isOver` says that the server refused.
 *
 * @returns why the source broke off; the server has been sent a failure of the COPY.
 */
export async function pumpCopyData(
  stream: Writable,
  source: CopySource,
  isOver: () => boolean,
): Promise<Error | undefined> {
  try {
    for await (const chunk of source) {
      if (isOver() || stream.destroyed) return undefined
      const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk
      if (bytes.byteLength > 0) await writeData(stream, bytes)
      if (isOver() || stream.destroyed) return undefined
    }
    stream.write(COPY_DONE)
    return undefined
  } catch (error) {
    const cause = error instanceof Error ? error : new Error(String(error))
    stream.write(copyFailFrame(cause.message))
    return cause
  }
}

/** Resolves when the socket has taken everything, or is gone; in as few system calls as it allows. */
function writeData(stream: Writable, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    stream.cork()
    for (let at = 0; at < bytes.byteLength; at += MESSAGE_BYTES) {
      const part = bytes.subarray(at, at + MESSAGE_BYTES)
      stream.write(frameHeader(0x64, part.byteLength))
      stream.write(part, at + MESSAGE_BYTES < bytes.byteLength ? undefined : () => resolve())
    }
    stream.uncork()
  })
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
