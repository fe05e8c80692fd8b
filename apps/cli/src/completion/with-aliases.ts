import type { DescribedCommand } from './command-manifest.ts'

/** A command and its aliases, each with what it does. */
export function withAliases({
  name,
  summary,
  aliases,
}: DescribedCommand): readonly (readonly [string, string])[] {
  return [[name, summary], ...aliases.map((alias) => [alias, `Alias of ${name}`] as const)]
}
