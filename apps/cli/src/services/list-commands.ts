import type { Command } from '@oclif/core'

/** A command as completion and documentation need it. */
export interface DescribedCommand {
  readonly name: string
  readonly summary: string
  readonly flags: readonly { readonly name: string; readonly summary: string; readonly takesValue: boolean }[]
}

/** Describes commands as oclif knows them, by name. */
export function describeCommands(commands: readonly Command.Loadable[]): readonly DescribedCommand[] {
  return [...commands]
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .map(({ id, summary, flags }) => ({
      name: id,
      summary: summary ?? '',
      flags: Object.entries(flags).map(([name, flag]) => ({
        name,
        summary: flag.summary ?? '',
        takesValue: flag.type === 'option',
      })),
    }))
}
