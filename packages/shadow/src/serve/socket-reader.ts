import type { Socket } from 'node:net'

/** Reads a stream by counts of bytes. */
export interface SocketReader {
  /** Gives exactly so many bytes; undefined where the other end has left before. */
  read(count: number): Promise<Buffer | undefined>
  /** Ends reading; what was not read stays in the stream, which is paused. */
  release(): void
}

/** So much is read ahead; a client that sends more waits. */
const MOST_BYTES = 65_536

/** Makes the reader of a socket that nobody else reads. */
export function createSocketReader(socket: Socket): SocketReader {
  let held = Buffer.alloc(0)
  let isOver = false
  let wake = (): void => {}
  const take = (chunk: Buffer) => {
    held = Buffer.concat([held, chunk])
    if (held.length > MOST_BYTES) socket.pause()
    wake()
  }
  const end = () => {
    isOver = true
    wake()
  }
  socket.on('data', take).on('end', end).on('close', end)
  return {
    async read(count) {
      while (held.length < count && !isOver) {
        await new Promise<void>((resolve) => {
          wake = resolve
          socket.resume()
        })
      }
      if (held.length < count) return undefined
      const bytes = held.subarray(0, count)
      held = held.subarray(count)
      return bytes
    },
    release() {
      socket.off('data', take).off('end', end).off('close', end)
      socket.pause()
      if (held.length > 0 && !isOver) socket.unshift(held)
    },
  }
}
