import type { EventEmitter } from 'node:events'
import type { Duplex } from 'node:stream'

/** What is needed of the connection that `pg` keeps; its stream is another one once TLS is in use. */
interface WireConnection extends EventEmitter {
  readonly stream: Duplex
}

const HEAD_BYTES = 5
const ERROR = 0x45 // E
const NOTICE = 0x4e // N

/**
 * Gives errors and notices the severity that the server does not translate: `pg` passes on the field S, which
 * is a word in the language of `lc_messages`, and drops the field V. Call it before connecting.
 *
 * @see https://www.postgresql.org/docs/current/protocol-error-fields.html
 */
export function keepSeverities(connection: WireConnection, readyAt: 'connect' | 'sslconnect'): void {
  const severities: string[] = []
  connection.once(readyAt, () => {
    const read = createSeverityReader((severity) => severities.push(severity))
    // Before `pg` reads the same bytes: it emits what is in them at once.
    connection.stream.prependListener('data', read)
  })
  const replace = (message: { severity?: string }): void => {
    const severity = severities.shift()
    if (severity !== undefined) message.severity = severity
  }
  connection.prependListener('errorMessage', replace)
  connection.prependListener('notice', replace)
}

/**
 * Makes what reads a stream of messages and calls back with the severity of each error and notice; all other
 * messages are passed over.
 */
export function createSeverityReader(onSeverity: (severity: string) => void): (chunk: Buffer) => void {
  let passed = 0
  let rest: Buffer = Buffer.alloc(0)
  return (chunk) => {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    let at = passed
    while (bytes.length >= at + HEAD_BYTES) {
      const type = bytes[at]
      const end = at + 1 + bytes.readInt32BE(at + 1)
      if (type === ERROR || type === NOTICE) {
        if (bytes.length < end) break
        onSeverity(severityIn(bytes.toString('utf8', at + HEAD_BYTES, end)))
      }
      at = end
    }
    passed = Math.max(0, at - bytes.length)
    rest = Buffer.from(bytes.subarray(Math.min(at, bytes.length)))
  }
}

/** Servers before 9.6, and some poolers, send no V: there S is what there is. */
function severityIn(fields: string): string {
  const values = new Map(fields.split('\0').map((field) => [field.slice(0, 1), field.slice(1)]))
  return values.get('V') ?? values.get('S') ?? ''
}
