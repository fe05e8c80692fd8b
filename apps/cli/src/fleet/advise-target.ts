import { quoteForShell } from '../text/target-flags.ts'

/**
 * Makes the help of an error, which is written for one database, fit a target of a fleet.
 *
 * @example adviseTarget('run `tidemark up --create-schema`', 'acme') // 'run `tidemark fleet up --only acme --create-schema`'
 */
export function adviseTarget(help: string, name: string): string {
  const fitting = help.replace(
    /\btidemark (up|down|plan|status)\b/g,
    (_, command: string) => `tidemark fleet ${command} --only ${quoteForShell(name)}`,
  )
  return /["`]tidemark (?!fleet\b)/.test(fitting)
    ? `${fitting} (with the --database-url, --schema and --search-path of ${name})`
    : fitting
}
