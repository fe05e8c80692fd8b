import type { Connection, QueryAnswer } from './connection.ts'

/** The answers to the statements of one message. */
export type MessageAnswers = readonly QueryAnswer<Record<string, unknown>>[]

/**
 * Sends one message of the simple protocol, and gives its answers. Sent without awaiting it is pipelined.
 *
 * @example const answers = await sendMessage(connection, 'BEGIN; SELECT 1; COMMIT')
 */
export function sendMessage(
  connection: Connection,
  text: string,
  copyData?: string,
): Promise<MessageAnswers> {
  return new Promise((resolve, reject) => {
    const settle = (error: Error | null, answers: MessageAnswers) =>
      error ? reject(error) : resolve(answers)
    connection.send(text, settle, copyData)
  })
}
