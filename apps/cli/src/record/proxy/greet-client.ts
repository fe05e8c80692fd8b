import { timingSafeEqual } from 'node:crypto'
import type { Socket } from 'node:net'
import { createMessageFramer, type WireMessage } from '@tidemark/pg-driver/engine'
import { errorMessage, FieldReader, writeFields } from './wire-fields.ts'

const SSL_REQUEST = 80_877_103
const GSS_REQUEST = 80_877_104
const CANCEL_REQUEST = 80_877_102
const PASSWORD = 'p'.charCodeAt(0)

/** What a client said when it connected. */
export type Greeting =
  /** It gave the password; the parameters are those of its startup message. */
  | {
      readonly kind: 'session'
      readonly parameters: ReadonlyMap<string, string>
      readonly messages: AsyncIterator<WireMessage>
    }
  | { readonly kind: 'cancel'; readonly processId: number; readonly secret: number }
  /** It left, or was sent away. */
  | { readonly kind: 'refused' }

/**
 * Takes a client up to the password: TLS and GSSAPI are declined, the password is asked for in clear text,
 * which goes no further than this machine.
 * https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-START-UP
 */
export async function greetClient(socket: Socket, password: string): Promise<Greeting> {
  const messages = readMessages(socket)
  for (;;) {
    const { value: startup, done } = await messages.next()
    if (done === true) return { kind: 'refused' }
    const fields = new FieldReader(startup)
    const code = fields.int32()
    if (code === SSL_REQUEST || code === GSS_REQUEST) {
      socket.write('N')
      continue
    }
    if (code === CANCEL_REQUEST) return { kind: 'cancel', processId: fields.int32(), secret: fields.int32() }
    const parameters = readParameters(fields)
    socket.write(writeFields('R', 3))
    const { value: answer, done: left } = await messages.next()
    if (left === true) return { kind: 'refused' }
    if (answer.type === PASSWORD && isSame(new FieldReader(answer).text(), password)) {
      return { kind: 'session', parameters, messages }
    }
    socket.end(
      errorMessage(
        'FATAL',
        '28P01',
        `password authentication failed for user "${parameters.get('user') ?? ''}"`,
      ),
    )
    return { kind: 'refused' }
  }
}

/** The messages of a client. Requests for encryption have no type letter, like the startup message after them. */
async function* readMessages(socket: Socket): AsyncGenerator<WireMessage> {
  let frame = createMessageFramer('frontend')
  for await (const chunk of socket) {
    for (const message of frame(chunk)) {
      if (message.type === 0 && isEncryptionRequest(message)) frame = createMessageFramer('frontend')
      yield message
    }
  }
}

function isEncryptionRequest(message: WireMessage): boolean {
  const code = new FieldReader(message).int32()
  return code === SSL_REQUEST || code === GSS_REQUEST
}

function readParameters(fields: FieldReader): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>()
  while (!fields.isAtEnd) {
    const name = fields.text()
    if (name === '') break
    parameters.set(name, fields.text())
  }
  return parameters
}

function isSame(given: string, wanted: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(wanted)]
  return a.length === b.length && timingSafeEqual(a, b)
}
