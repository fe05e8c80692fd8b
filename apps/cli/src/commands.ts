import type { Command } from '@oclif/core'
import Completion from './commands/completion.ts'
import Graph from './commands/graph.ts'
import New from './commands/new.ts'
import Show from './commands/show.ts'
import Validate from './commands/validate.ts'

/** Every command by its name: the explicit map that oclif loads. Commands import what they need when they run. */
export const COMMANDS: Readonly<Record<string, Command.Class>> = {
  completion: Completion,
  graph: Graph,
  new: New,
  show: Show,
  validate: Validate,
}
