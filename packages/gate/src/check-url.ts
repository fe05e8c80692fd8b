import { TidemarkError } from '@tidemark/core'
import pg from 'pg'

/**
 * Refuses what is no URL of PostgreSQL when the application starts. The message shows nothing of it: it may hold a password.
 *
 * @param option the option that holds it.
 * @throws TidemarkError TM7003.
 */
export function checkUrl(option: string, url: string): void {
  if (!/^postgres(ql)?:\/\//.test(url)) throw refuse(option, 'does not name a PostgreSQL database')
  try {
    decodeURIComponent(new URL(url).password)
    new pg.Client({ connectionString: url })
  } catch {
    throw refuse(option, 'is not a URL that can be read')
  }
}

function refuse(option: string, reason: string): TidemarkError {
  return new TidemarkError({
    code: 'TM7003',
    message: `createGate: "${option}" ${reason}`,
    help: 'write postgres://user:password@host:5432/database, special characters of the password percent-encoded',
  })
}
