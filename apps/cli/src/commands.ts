import type { Command } from '@oclif/core'
import Validate from './commands/validate.ts'

/** Every command by its name: the explicit map that oclif loads. Commands import what they need when they run. */
export const COMMANDS: Readonly<Record<string, Command.Class>> = {
  validate: Validate,
}
