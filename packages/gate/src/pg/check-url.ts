import { TidemarkError } from '@tidemark/core'
import { parseDatabaseUrl } from '@tidemark/pg-driver/client'

/**
 * Refuses what is no URL of PostgreSQL when the application starts. The message shows nothing of it: it may hold a password.
 *
 * @param option the option that holds it.
 * @throws TidemarkError TM7003 with what is wrong: no such URL, a port that is none, TLS settings that mean nothing.
 */
export function checkUrl(option: string, url: string): void {
  if (!/^postgres(ql)?:\/\//.test(url)) {
    throw refuse(
      option,
      'does not name a PostgreSQL database',
      'write postgres://user:password@host:5432/database',
    )
  }
  try {
    parseDatabaseUrl(url)
  } catch (error) {
    if (!(error instanceof TidemarkError)) throw error
    throw refuse(option, `cannot be used: ${error.message}`, error.help ?? '', error)
  }
}

function refuse(option: string, reason: string, help: string, cause?: unknown): TidemarkError {
  return new TidemarkError({ code: 'TM7003', message: `createGate: "${option}" ${reason}`, help, cause })
}
