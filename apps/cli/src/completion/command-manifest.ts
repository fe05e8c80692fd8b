import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from '@oclif/core'

/** A command as the overview, completion and documentation need it. */
export interface DescribedCommand {
  readonly name: string
  readonly summary: string
  readonly aliases: readonly string[]
  readonly flags: readonly DescribedFlag[]
  /** What its arguments may be. */
  readonly argument: CompletedValue
}

/**
 * What completion offers for a value: words, what `completion --list` finds in the project, files, or nothing.
 */
export type CompletedValue = readonly string[] | 'ids' | 'environments' | 'files' | 'nothing'

/** A flag of a {@link DescribedCommand}. */
export interface DescribedFlag {
  readonly name: string
  readonly summary: string
  /** Undefined: it takes none. */
  readonly value: CompletedValue | undefined
}

/** Describes commands, by name; each with the flags of every command first. */
export function describeCommands(
  commands: Readonly<Record<string, Command.Class>>,
  aliasesOf: (name: string) => readonly string[],
): readonly DescribedCommand[] {
  return Object.entries(commands)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, { summary, baseFlags, flags, args }]) => ({
      name,
      summary: summary ?? '',
      aliases: aliasesOf(name),
      flags: Object.entries({ ...baseFlags, ...flags })
        .filter(([, { hidden }]) => hidden !== true)
        .map(([flag, definition]) => ({
          name: flag,
          summary: definition.summary ?? '',
          value: definition.type === 'option' ? flagValueOf(flag, definition) : undefined,
        })),
      argument: argumentOf(Object.entries(args ?? {})[0]),
    }))
}

interface OptionFlag {
  readonly options?: readonly string[]
  readonly helpValue?: string | string[]
}

function flagValueOf(flag: string, { options, helpValue }: OptionFlag): CompletedValue {
  if (options !== undefined) return options
  if (flag === 'env') return 'environments'
  const shown = String(helpValue)
  if (/^IDS?$/.test(shown)) return 'ids'
  return /^(FILE|FOLDER|PATH)$/.test(shown) ? 'files' : 'nothing'
}

function argumentOf(
  arg: readonly [string, { readonly options?: readonly string[] }] | undefined,
): CompletedValue {
  if (arg === undefined) return 'nothing'
  const [name, { options }] = arg
  if (options !== undefined) return options
  return name === 'id' || name === 'ids' ? 'ids' : 'nothing'
}

/** Reads what the build wrote of all commands, so that none of them is loaded. */
export function readCommandManifest(root: string): readonly DescribedCommand[] {
  return JSON.parse(readFileSync(join(root, 'dist', 'commands.json'), 'utf8'))
}
