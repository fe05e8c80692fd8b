import { createMessageFramer, WIRE, type Wire, writeMessage } from '@tidemark/pg-driver/engine'

/**
 * Passes what a client sends to the server, and gives all that the server answers to it: nothing for half a
 * message, and for a request that ends an exchange everything up to ReadyForQuery. The client signs in with
 * the relay: the session behind it has done so already.
 */
export type Relay = (bytes: Uint8Array) => Promise<Uint8Array>

const ASKS_FOR_ANSWER: ReadonlySet<number> = new Set([WIRE.query, WIRE.sync, WIRE.functionCall])

/** Makes the relay of a session. It rejects once the session is lost. */
export function createRelay({ stream, parameters }: Wire): Relay {
  const frameRequests = createMessageFramer('frontend')
  const frameAnswers = createMessageFramer('backend')
  let answers: Uint8Array[] = []
  let unanswered = 0
  let wake = (): void => {}
  let lost: Error | undefined
  stream.on('data', (chunk: Uint8Array) => {
    answers.push(chunk)
    unanswered -= frameAnswers(chunk).filter(({ type }) => type === WIRE.readyForQuery).length
    if (unanswered <= 0) wake()
  })
  const lose = (reason: Error): void => {
    lost ??= reason
    wake()
  }
  stream.on('error', lose)
  stream.on('close', () => lose(new Error('the connection was closed')))
  return async (bytes) => {
    for (const message of frameRequests(bytes)) {
      if (message.type === 0) answers.push(greeting(parameters))
      else if (message.type !== WIRE.terminate) {
        if (ASKS_FOR_ANSWER.has(message.type)) unanswered += 1
        stream.write(message.bytes)
      }
    }
    while (unanswered > 0 && lost === undefined)
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    if (lost !== undefined) throw lost
    const answer = Buffer.concat(answers)
    answers = []
    return answer
  }
}

const AUTHENTICATION = 0x52 // R
const PARAMETER_STATUS = 0x53 // S

/** AuthenticationOk, what the server reported, and ReadyForQuery. */
function greeting(parameters: ReadonlyMap<string, string>): Uint8Array {
  const statuses = [...parameters].map(([name, value]) =>
    writeMessage(PARAMETER_STATUS, `${name}\0${value}\0`),
  )
  return Buffer.concat([
    writeMessage(AUTHENTICATION, '\0\0\0\0'),
    ...statuses,
    writeMessage(WIRE.readyForQuery, 'I'),
  ])
}
