import type { Migration } from '@tidemark/core'

/** Statements that reach beyond one database, also where a DO block or a function executes them. */
const CLUSTER_WIDE: readonly (readonly [pattern: RegExp, what: string])[] = [
  [/\b(?:create|alter|drop)\s+(?:role|group|user)\b(?!\s+mapping)/i, 'it changes roles'],
  [/\bcomment\s+on\s+role\b/i, 'it changes roles'],
  [/\b(?:grant|revoke)\b(?:(?!\bon\b|;)[\s\S])+?\b(?:to|from)\b/i, 'it changes memberships of roles'],
  [/\balter\s+system\b/i, 'it changes the settings of the server'],
  [/\b(?:create|alter|drop)\s+(?:database|tablespace)\b/i, 'it changes databases or tablespaces'],
  [/\bpg_create_(?:physical|logical)_replication_slot\b/i, 'it creates a replication slot'],
  [/\bcreate\s+subscription\b/i, 'it creates a subscription'],
  [/\bcopy\b[^;]*\b(?:from|to)\s+program\b/i, 'it runs a program on the server'],
]

/**
 * Says why a migration may not run on a server that is not there for shadows alone; undefined where it may.
 * It reads the text, so a comment can be taken for a statement: then the migration is not checked, and
 * nothing is claimed.
 */
export function reachesBeyondDatabase({ source, up }: Migration): string | undefined {
  for (const { codeStart, codeEnd } of up.statements) {
    const code = source.text.slice(codeStart, codeEnd)
    const found = CLUSTER_WIDE.find(([pattern]) => pattern.test(code))
    if (found !== undefined) return `cannot run on a shared server: ${found[1]} (see shadowDisposable)`
  }
  return undefined
}
