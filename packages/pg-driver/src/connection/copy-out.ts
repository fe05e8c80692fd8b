import type { Duplex } from 'node:stream'
import { Query } from 'pg'
import type { AnswerListener } from './connection.ts'

/** Takes a part of the data; the next one comes when it has resolved. */
export type CopySink = (data: Uint8Array) => Promise<void>

const PART_BYTES = 64 * 1024

/** `COPY … TO STDOUT` whose data is given on as fast as it is taken. */
export class CopyOut extends Query {
  readonly #sink: CopySink
  #parts: Buffer[] = []
  #sizeBytes = 0
  #written = Promise.resolve()
  #broken: Error | undefined

  constructor(text: string, sink: CopySink, onAnswer: AnswerListener) {
    super({ text }, (error, result) => {
      if (error) return onAnswer(error, [])
      this.#flush()
      void this.#written.then(() => {
        const { command, rowCount } = result
        if (this.#broken === undefined) onAnswer(null, [{ rows: [], tag: command ?? '', rowCount }])
        else onAnswer(this.#broken, [])
      })
    })
    this.#sink = sink
    this.submit = (connection) => connection.query(text)
  }

  handleCopyData({ chunk }: { readonly chunk: Uint8Array }, { stream }: { readonly stream: Duplex }): void {
    if (this.#broken !== undefined) return
    // The parser uses its memory again.
    this.#parts.push(Buffer.from(chunk))
    this.#sizeBytes += chunk.byteLength
    if (this.#sizeBytes < PART_BYTES) return
    stream.pause()
    this.#flush()
    void this.#written.then(() => stream.resume())
  }

  #flush(): void {
    const data = Buffer.concat(this.#parts)
    this.#parts = []
    this.#sizeBytes = 0
    if (data.byteLength === 0) return
    this.#written = this.#written
      .then(() => (this.#broken === undefined ? this.#sink(data) : undefined))
      .catch((error: unknown) => {
        this.#broken ??= error instanceof Error ? error : new Error(String(error))
      })
  }
}
