import type { WireMessage } from '@tidemark/pg-driver/engine'

/** Reads the fields of one message of the protocol, from the first to the last. */
export class FieldReader {
  readonly #bytes: Buffer
  #at: number

  constructor({ bytes, type }: WireMessage) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#at = type === 0 ? 4 : 5
  }

  byte(): number {
    this.#at += 1
    return this.#bytes[this.#at - 1] ?? 0
  }

  int16(): number {
    this.#at += 2
    return this.#bytes.readUInt16BE(this.#at - 2)
  }

  int32(): number {
    this.#at += 4
    return this.#bytes.readInt32BE(this.#at - 4)
  }

  /** An OID, which has no sign. */
  oid(): number {
    return this.int32() >>> 0
  }

  /** A text that ends with a zero byte. */
  text(): string {
    const end = this.#bytes.indexOf(0, this.#at)
    const text = this.#bytes.toString('utf8', this.#at, end < 0 ? undefined : end)
    this.#at = end < 0 ? this.#bytes.length : end + 1
    return text
  }

  bytes(length: number): Buffer {
    this.#at += length
    return this.#bytes.subarray(this.#at - length, this.#at)
  }

  /** What comes after the fields that were read. */
  rest(): Buffer {
    return this.#bytes.subarray(this.#at)
  }

  /** As many values as the next field says. */
  list<T>(read: () => T): readonly T[] {
    return Array.from({ length: this.int16() }, read)
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length
  }
}

/** Writes one message: its type letter, its length and its body. */
export function writeFields(type: string, ...parts: readonly (Buffer | string | number)[]): Buffer {
  const body = Buffer.concat(parts.map(toBytes))
  const head = Buffer.alloc(5)
  head.write(type, 'latin1')
  head.writeInt32BE(body.length + 4, 1)
  return Buffer.concat([head, body])
}

/** A number is a 32-bit field, a text ends with a zero byte. */
function toBytes(part: Buffer | string | number): Buffer {
  if (typeof part === 'string') return Buffer.from(`${part}\0`)
  if (typeof part !== 'number') return part
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(part | 0)
  return bytes
}

/** The bytes of a 16-bit field. */
export function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeUInt16BE(value)
  return bytes
}

/** Writes an ErrorResponse. */
export function errorMessage(severity: 'ERROR' | 'FATAL', code: string, message: string): Buffer {
  const fields = [`S${severity}`, `V${severity}`, `C${code}`, `M${message}`]
  return writeFields('E', ...fields, Buffer.from([0]))
}
