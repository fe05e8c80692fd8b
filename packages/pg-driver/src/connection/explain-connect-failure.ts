import { formatDuration, maskSecrets, TidemarkError } from '@tidemark/core'
import { hintForConnecting } from './connect-hints.ts'
import type { UrlTarget } from './connection-url.ts'
import { readAddress, type ServerAddress } from './driver-connection.ts'
import { isServerError } from './sql-state.ts'

/** Makes TM5001 of whatever `pg` rejected with: which target, what happened, what to do. No credentials. */
export function explainConnectFailure(
  error: unknown,
  address: ServerAddress,
  timeoutMs: number,
): TidemarkError {
  if (error instanceof TidemarkError) return error
  const { target, passwordSource } = readAddress(address)
  const cause = error instanceof AggregateError ? error.errors[0] : error
  const code = codeOf(cause)
  const said = cause instanceof Error ? cause.message : String(cause)
  const message =
    said === 'timeout expired' ? `no answer within ${formatDuration(timeoutMs)}` : maskSecrets(said)
  return new TidemarkError({
    code: 'TM5001',
    message: `cannot connect to ${describePlace(target)}: ${message}`,
    help: hintForConnecting({
      code,
      message: said,
      routine: isServerError(cause) ? cause.routine : undefined,
      target,
      passwordSource,
    }),
    details: { ...target, ...(isServerError(cause) ? { sqlState: cause.code } : { reason: code ?? null }) },
    cause: error,
  })
}

function describePlace({ host, port, database, user }: UrlTarget): string {
  const shown = host.includes(':') ? `[${host}]` : host
  return `${user}@${shown}:${port ?? 5432}/${database}`
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}
