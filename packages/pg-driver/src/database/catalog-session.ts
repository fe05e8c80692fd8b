import type { CatalogSession } from '@tidemark/core'
import type { Connection } from '../connection/connection.ts'

/** Sends statements as they are: what reads a catalog sets its own search path, in a transaction of its own. */
export function catalogSession(connection: Connection): CatalogSession {
  return {
    query: (text) =>
      new Promise((resolve, reject) => {
        connection.send(text, (error, answers) => {
          if (error !== null) reject(error)
          else resolve({ rows: answers.at(-1)?.rows ?? [] })
        })
      }),
  }
}
