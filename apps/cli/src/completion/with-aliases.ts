import type { DescribedCommand } from './command-manifest.ts'

/** A command and its aliases, each with what it does. */
export function withAliases({
  name,
  summary,
  aliases,
}: DescribedCommand): readonly (readonly [string, string])[] {
  return [[name, summary], ...aliases.map((alias) => [alias, `Alias of ${name}`] as const)]
}

/** What is no command of its own, each with what it does. */
export const HELP_COMMANDS = [
  ['help', 'Explain a command or a topic'],
  ['version', 'Print the version'],
] as const

/** What `help` explains. */
export function listHelpTopics(commands: readonly DescribedCommand[]): readonly string[] {
  return [...commands.map(({ name }) => name), 'format', 'config', 'exit-codes']
}
