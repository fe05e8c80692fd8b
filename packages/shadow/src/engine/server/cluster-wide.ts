import type { Migration } from '@tidemark/core'

type Pattern = readonly [pattern: RegExp, what: string]

/** Statements that reach beyond one database, also where a DO block or a function executes them. */
const CLUSTER_WIDE: readonly Pattern[] = [
  [/\b(?:create|alter|drop)\s+(?:role|group|user)\b(?!\s+mapping)/i, 'it changes roles'],
  [/\bcomment\s+on\s+role\b/i, 'it changes roles'],
  [/\b(?:grant|revoke)\b(?:(?!\bon\b|;)[\s\S])+?\b(?:to|from)\b/i, 'it changes memberships of roles'],
  [/\balter\s+database\b/i, 'it changes databases or tablespaces'],
  [/\bcopy\b[^;]*\b(?:from|to)\s+program\b/i, 'it runs a program on the server'],
]

/** What would stay when the database of the shadow is dropped, or keep it from being dropped. */
const LASTING: readonly Pattern[] = [
  [/\balter\s+system\b/i, 'it changes the settings of the server'],
  [/\b(?:create|drop)\s+database\b/i, 'it changes databases or tablespaces'],
  [/\b(?:create|alter|drop)\s+tablespace\b/i, 'it changes databases or tablespaces'],
  [/\bpg_create_(?:physical|logical)_replication_slot\b/i, 'it creates a replication slot'],
  [/\bcreate\s+subscription\b/i, 'it creates a subscription'],
]

/** What a server is there for: shadows alone, or other databases too. */
export type ServerUse = 'shadows' | 'shared'

/**
 * Says why a migration may not run on a server; undefined where it may. It reads the text, so a comment can be
 * taken for a statement: then the migration is not checked, and nothing is claimed.
 */
export function reachesBeyondDatabase({ source, up }: Migration, use: ServerUse): string | undefined {
  for (const { codeStart, codeEnd } of up.statements) {
    const reason = refuseOnServer(source.text.slice(codeStart, codeEnd), use)
    if (reason !== undefined) return reason
  }
  return undefined
}

/**
 * Says why SQL may not run in a shadow on a server, by its text; undefined where it may.
 *
 * @example refuseOnServer('CREATE DATABASE a', 'shadows')
 * // 'cannot run in a shadow on a server: it changes databases or tablespaces'
 */
export function refuseOnServer(code: string, use: ServerUse): string | undefined {
  const lasting = find(LASTING, code)
  if (lasting !== undefined) return `cannot run in a shadow on a server: ${lasting}`
  const shared = use === 'shared' ? find(CLUSTER_WIDE, code) : undefined
  return shared && `cannot run on a shared server: ${shared} (see shadowDisposable)`
}

/** Looks at the code as it is written, and without comments. */
function find(patterns: readonly Pattern[], code: string): string | undefined {
  const texts = [code, code.replaceAll(/--.*$|\/\*[\s\S]*?\*\//gm, ' ')]
  return patterns.find(([pattern]) => texts.some((text) => pattern.test(text)))?.[1]
}
