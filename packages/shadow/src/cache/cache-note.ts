import type { Diagnostic } from '@tidemark/core'

/**
 * Says that shadows are built from the start because the cache cannot be used: slower, and with the same
 * result.
 */
export function cacheNote(folder: string, error: unknown): Diagnostic {
  const reason = error instanceof Error ? error.message : String(error)
  return {
    code: 'TM5051',
    severity: 'warning',
    message: `the shadow is not cached in "${folder}": ${reason}`,
    help: /ENOSPC|EDQUOT|no space left/i.test(reason)
      ? 'free some space on that disk; the result is the same, only slower'
      : 'make the folder writable for this user; the result is the same, only slower',
  }
}
