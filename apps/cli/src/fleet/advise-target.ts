import { quoteForShell } from '../text/target-flags.ts'

/** Commands that `tidemark fleet` has, too. */
const OF_A_FLEET: ReadonlySet<string> = new Set(['up', 'down', 'plan', 'status'])

/**
 * Makes the help of an error, which is written for one database, fit a target of a fleet.
 *
 * @example adviseTarget('run `tidemark up --create-schema`', 'acme') // 'run `tidemark fleet up --only acme --create-schema`'
 */
export function adviseTarget(help: string, name: string): string {
  return help.replace(SUGGESTED, (suggested: string, quote: string, command: string, rest: string) => {
    if (command === 'fleet') return suggested
    return OF_A_FLEET.has(command)
      ? `${quote}tidemark fleet ${command} --only ${quoteForShell(name)}${rest}${quote}`
      : `${suggested} (with the --database-url, --schema and --search-path of ${name})`
  })
}

const SUGGESTED = /(["`])tidemark (\w+)([^"`]*)\1/g
