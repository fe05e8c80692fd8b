import type { Duplex } from 'node:stream'
import { type ConnectOptions, openClient, readProcessId } from './connect.ts'

/** A signed-in session as a stream of the protocol's messages, for a program that speaks it by itself. */
export interface Wire {
  /** What is written is sent to the server; what the server sends can be read. Between messages at first. */
  readonly stream: Duplex
  /** What the server reported when the session began, such as `server_version`. */
  readonly parameters: ReadonlyMap<string, string>
  /** The server's process id of this session; 0 when embedded. */
  readonly processId: number
  /** Drops the connection. */
  close(): Promise<void>
}

/**
 * Connects and signs in like `connectToServer`, and hands the stream over: TLS and authentication are done.
 * https://www.postgresql.org/docs/current/protocol-flow.html
 */
export async function openWire(options: ConnectOptions): Promise<Wire> {
  const parameters = new Map<string, string>()
  const { client, closed } = await openClient(options, ({ connection }) => {
    connection.on('parameterStatus', ({ parameterName, parameterValue }: ParameterStatus) => {
      parameters.set(parameterName, parameterValue)
    })
  })
  const { stream } = client.connection
  stream.removeAllListeners('data')
  return {
    stream,
    parameters,
    processId: options.socket === undefined ? readProcessId(client) : 0,
    async close() {
      stream.destroy()
      await closed
    },
  }
}

interface ParameterStatus {
  readonly parameterName: string
  readonly parameterValue: string
}
