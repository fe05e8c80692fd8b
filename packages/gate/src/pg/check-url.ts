import { TidemarkError } from '@tidemark/core'
import { parseConnectionUrl } from '@tidemark/pg-driver/client'

/**
 * Refuses a string that is not a PostgreSQL URL when the application starts. The message does not show it: it
 * may hold a password.
 *
 * @param option the option that holds it.
 * @throws TidemarkError TM7003 with what is wrong: another kind of URL, an invalid port, invalid TLS
 *   settings.
 */
export function checkUrl(option: string, url: string): void {
  if (!/^postgres(ql)?:\/\//.test(url)) {
    throw refuse(
      option,
      'does not name a PostgreSQL database',
      'write postgres://user:password@host:5432/database',
    )
  }
  const read = parseConnectionUrl(url)
  if (!read.ok) throw refuse(option, read.error.reason, read.error.help)
}

function refuse(option: string, reason: string, help: string): TidemarkError {
  return new TidemarkError({ code: 'TM7003', message: `createGate: "${option}" ${reason}`, help })
}
