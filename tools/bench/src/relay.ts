import { connect, createServer, type Socket } from 'node:net'

/**
 * A process of its own: relays to a port of this machine and delays each way, in order and without a limit of
 * bandwidth. It writes the port on which it listens, and ends with its standard input.
 *
 * `node relay.mjs PORT MILLISECONDS_EACH_WAY`
 */
const [port, delayMs] = process.argv.slice(2).map(Number)

const relay = createServer({ noDelay: true }, (client) => {
  const upstream = connect({ host: '127.0.0.1', port: port ?? 0, noDelay: true })
  delay(client, upstream)
  delay(upstream, client)
})
relay.listen(0, '127.0.0.1', () => {
  const address = relay.address()
  process.stdout.write(`${typeof address === 'object' && address !== null ? address.port : 0}\n`)
})
process.stdin.resume().on('end', () => process.exit())

function delay(from: Socket, to: Socket): void {
  from.on('data', (data) => setTimeout(() => to.write(data), delayMs))
  from.on('close', () => setTimeout(() => to.destroy(), delayMs))
  from.on('error', () => undefined)
}
