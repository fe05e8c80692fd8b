import { fileURLToPath } from 'node:url'
import type { Command } from '@oclif/core'
import { BaseCommand } from '../command/base-command.ts'
import { PlainConfig } from '../command/plain-config.ts'
import { surviveOutput } from '../terminal/survive-output.ts'

/** A command, and what it is called with. */
export interface CommandCall {
  readonly command: Command.Class
  readonly loadCommands: PlainConfig['loadAllCommands']
  readonly name: string
  readonly argv: readonly string[]
  /** The folder of the package. */
  readonly root: URL
}

/**
 * Runs one command. oclif's own way, which reads package.json, looks for plugins and hooks, and finds the command
 * again, takes longer than most commands.
 */
export async function runCommand({ command, loadCommands, name, argv, root }: CommandCall): Promise<void> {
  surviveOutput()
  const config = new PlainConfig(fileURLToPath(root), loadCommands)
  const made: unknown = Reflect.construct(command, [[...argv], config])
  if (!(made instanceof BaseCommand)) throw new TypeError(`"${name}" is no command of ours`)
  await made.start(name)
}
