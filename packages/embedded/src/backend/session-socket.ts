import { Duplex } from 'node:stream'

/** What a {@link SessionSocket} is wired to. */
export interface SocketWiring {
  /** Called once, when the client connects. */
  readonly onConnect: () => void
  readonly onBytes: (bytes: Uint8Array, done: () => void) => void
  /** Called once, when either side has ended. */
  readonly onClose: () => void
}

/**
 * The client's end of a connection to the embedded database: what `pg` takes for a TCP socket
 * (`new Client({ stream: () => socket })`).
 */
export class SessionSocket extends Duplex {
  readonly #wiring: SocketWiring

  constructor(wiring: SocketWiring) {
    super()
    this.#wiring = wiring
    this.once('close', () => wiring.onClose())
  }

  connect(): this {
    process.nextTick(() => {
      this.#wiring.onConnect()
      this.emit('connect')
    })
    return this
  }

  setNoDelay(): this {
    return this
  }

  setKeepAlive(): this {
    return this
  }

  ref(): this {
    return this
  }

  unref(): this {
    return this
  }

  override _read(): void {}

  override _write(chunk: Uint8Array, _encoding: string, done: () => void): void {
    this.#wiring.onBytes(chunk, done)
  }

  override _final(done: () => void): void {
    this.push(null)
    done()
  }
}
