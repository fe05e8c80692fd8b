import type { Command } from '@oclif/core'
import { aliasesOf } from '../../src/main/commands.ts'

/** What is promised of one command. */
interface SnapshotCommand {
  readonly command: string
  readonly aliases: readonly string[]
  readonly args: readonly string[]
  readonly flags: readonly string[]
}

/**
 * Lists every command with all that a script may name, sorted: `ID` is required, `[ID]` is not, `-t,
 * --target=` takes a value.
 */
export function commandSnapshot(
  commands: Readonly<Record<string, Command.Class>>,
): readonly SnapshotCommand[] {
  return Object.entries(commands)
    .map(([command, { args, baseFlags, flags }]) => ({
      command,
      aliases: [...aliasesOf(command)].sort(),
      args: Object.entries(args ?? {}).map(([name, { required }]) =>
        required === true ? name.toUpperCase() : `[${name.toUpperCase()}]`,
      ),
      flags: Object.entries({ ...baseFlags, ...flags })
        .map(([name, { char, type }]) => {
          const short = char === undefined ? '' : `-${char}, `
          return `${short}--${name}${type === 'option' ? '=' : ''}`
        })
        .sort(),
    }))
    .sort((a, b) => (a.command < b.command ? -1 : 1))
}
