import type { WireMessage } from '@tidemark/pg-driver/engine'
import { FieldReader, int16, writeFields } from './wire-fields.ts'

/** Asks the server for the answers so far. */
export const FLUSH = writeFields('H')

/** A Bind message. */
export interface BindMessage {
  readonly portal: string
  readonly statement: string
  /** Whether each value is binary, as the message has it: none, one for all, or one for each. */
  readonly formats: readonly number[]
  readonly values: readonly (Buffer | null)[]
  /** The message with the name that the statement has on the server. */
  renamed(prefix: string): Buffer
}

/** Reads a Bind message. */
export function readBind(message: WireMessage): BindMessage {
  const fields = new FieldReader(message)
  const portal = fields.text()
  const statement = fields.text()
  const rest = fields.rest()
  const formats = fields.list(() => fields.int16())
  const values = fields.list(() => readValue(fields))
  return {
    portal,
    statement,
    formats,
    values,
    renamed: (prefix) => writeFields('B', portal, serverName(prefix, statement), rest),
  }
}

/** A value of a message: a length, which is -1 for NULL, and as many bytes. */
export function readValue(fields: FieldReader): Buffer | null {
  const length = fields.int32()
  return length < 0 ? null : fields.bytes(length)
}

/** Writes a value of a message. */
export function writeValue(value: Buffer | null): Buffer {
  const length = Buffer.alloc(4)
  length.writeInt32BE(value === null ? -1 : value.length)
  return value === null ? length : Buffer.concat([length, value])
}

/** Writes a list of 16-bit numbers with their count. */
export function writeNumbers(numbers: readonly number[]): Buffer {
  return Buffer.concat([int16(numbers.length), ...numbers.map(int16)])
}

/** Reads a Parse message, and writes it with the name that the statement gets on the server. */
export function renamedParse(
  message: WireMessage,
  prefix: string,
): { readonly name: string; readonly text: string; readonly bytes: Buffer } {
  const fields = new FieldReader(message)
  const name = fields.text()
  const text = fields.text()
  return { name, text, bytes: writeFields('P', serverName(prefix, name), text, fields.rest()) }
}

/** Writes a Describe or Close message with the name that a statement has on the server. */
export function renamed(message: WireMessage, prefix: string): Uint8Array {
  const fields = new FieldReader(message)
  const kind = String.fromCharCode(fields.byte())
  if (kind !== 'S') return message.bytes
  return writeFields(String.fromCharCode(message.type), Buffer.from(kind), serverName(prefix, fields.text()))
}

/** Writes the question which parameters a statement has. */
export function describeMessage(prefix: string, name: string): Buffer {
  return writeFields('D', Buffer.from('S'), serverName(prefix, name))
}

/** The types of a statement's parameters, from the answers to Describe. */
export function readParameterTypes(answers: readonly WireMessage[]): readonly number[] {
  const description = answers.find(({ type }) => type === 't'.charCodeAt(0))
  if (description === undefined) return []
  const fields = new FieldReader(description)
  return fields.list(() => fields.oid())
}

function serverName(prefix: string, name: string): string {
  return name === '' ? '' : `${prefix}${name}`
}
