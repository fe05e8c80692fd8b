import { suggest } from './suggest.ts'
import { TidemarkError } from './tidemark-error.ts'

/**
 * Refuses options that nothing reads, so that a typo is found when the program starts.
 *
 * @param where the function that was called, for the message.
 * @throws TidemarkError TM7002, naming the near miss.
 * @example refuseUnknownKeys('createGate', ['watch'], ['allow', 'watch']) // nothing: every key is known
 */
export function refuseUnknownKeys(where: string, keys: readonly string[], known: readonly string[]): void {
  const unknown = keys.find((key) => !known.includes(key))
  if (unknown === undefined) return
  const near = suggest(unknown, known)
  throw new TidemarkError({
    code: 'TM7002',
    message: `${where}: unknown option "${unknown}"`,
    help: near === undefined ? `it takes ${known.join(', ')}` : `did you mean "${near}"?`,
  })
}
