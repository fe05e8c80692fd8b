import type { Command } from '@oclif/core'

/** A command as completion and documentation need it. */
export interface DescribedCommand {
  readonly name: string
  readonly summary: string
  readonly flags: readonly DescribedFlag[]
}

/** A flag of a {@link DescribedCommand}. */
export interface DescribedFlag {
  readonly name: string
  readonly summary: string
  readonly takesValue: boolean
}

/** Describes commands, by name; each with the flags of every command first. */
export function describeCommands(
  commands: Readonly<Record<string, Command.Class>>,
): readonly DescribedCommand[] {
  return Object.entries(commands)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, { summary, baseFlags, flags }]) => ({
      name,
      summary: summary ?? '',
      flags: Object.entries({ ...baseFlags, ...flags }).map(([flag, { summary: words, type }]) => ({
        name: flag,
        summary: words ?? '',
        takesValue: type === 'option',
      })),
    }))
}
