import { connect, type Socket } from 'node:net'
import { performance } from 'node:perf_hooks'

/** What the generator is asked: so many requests to this port. */
export interface LoadOrder {
  readonly port: number
  readonly requests: number
}

/** What it answers. */
export interface LoadReport {
  readonly elapsedMs: number
}

const CONNECTIONS = 16
const REQUEST = 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'

/**
 * Runs in a process of its own. It keeps its connections, has one request in flight on each, pipelines
 * nothing and parses no more than it must, so that the server is what is measured: an answer is one packet
 * here.
 */
export function generateLoad(): void {
  const open = new Map<number, Promise<readonly Socket[]>>()
  process.on('message', async ({ port, requests }: LoadOrder) => {
    const opened = open.get(port) ?? Promise.all(Array.from({ length: CONNECTIONS }, () => dial(port)))
    open.set(port, opened)
    const report: LoadReport = { elapsedMs: await send(await opened, requests) }
    process.send?.(report)
  })
  process.on('disconnect', () => process.exit(0))
}

function dial(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket))
    socket.setNoDelay(true).once('error', reject)
  })
}

/** Settles when the last answer is there: no request reaches into the next turn. */
function send(sockets: readonly Socket[], requests: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const started = performance.now()
    let left = requests
    let idle = 0
    for (const socket of sockets) {
      const ask = () => {
        if (left > 0) {
          left -= 1
          socket.write(REQUEST)
          return
        }
        idle += 1
        if (idle === sockets.length) resolve(performance.now() - started)
      }
      socket.removeAllListeners('data')
      socket.on('data', (answer) => {
        if (answer.subarray(9, 12).toString('latin1') === '200') ask()
        else reject(new Error(`not 200: ${answer.toString('latin1', 0, 80)}`))
      })
      ask()
    }
  })
}
