import { fileURLToPath } from 'node:url'
import type { Command } from '@oclif/core'
import { BaseCommand } from './base-command.ts'
import { PlainConfig } from './plain-config.ts'
import { surviveOutput } from './terminal/survive-output.ts'

/** A command of the map, and what it is called with. */
export interface CommandCall {
  readonly commands: Readonly<Record<string, Command.Class>>
  readonly name: string
  readonly argv: readonly string[]
  /** The folder of the package. */
  readonly root: URL
}

/**
 * Runs one command of the explicit map. oclif's own way, which reads package.json, looks for plugins and hooks, and finds the command
 * again, takes longer than most commands.
 */
export async function runCommand({ commands, name, argv, root }: CommandCall): Promise<void> {
  surviveOutput()
  const config = new PlainConfig(fileURLToPath(root), commands)
  const command: unknown = Reflect.construct(commands[name] ?? Object, [[...argv], config])
  if (!(command instanceof BaseCommand)) throw new TypeError(`"${name}" is no command of ours`)
  await command.start(name)
}
