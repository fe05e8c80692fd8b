import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from '@oclif/core'

/** A command as the overview, completion and documentation need it. */
export interface DescribedCommand {
  readonly name: string
  readonly summary: string
  readonly aliases: readonly string[]
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
  aliasesOf: (name: string) => readonly string[],
): readonly DescribedCommand[] {
  return Object.entries(commands)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, { summary, baseFlags, flags }]) => ({
      name,
      summary: summary ?? '',
      aliases: aliasesOf(name),
      flags: Object.entries({ ...baseFlags, ...flags }).map(([flag, { summary: words, type }]) => ({
        name: flag,
        summary: words ?? '',
        takesValue: type === 'option',
      })),
    }))
}

/** Reads what the build wrote of all commands, so that none of them is loaded. */
export function readCommandManifest(root: string): readonly DescribedCommand[] {
  return JSON.parse(readFileSync(join(root, 'dist', 'commands.json'), 'utf8'))
}
