import { type Command, Config, type Interfaces } from '@oclif/core'

/** oclif's configuration without what makes it slow: there are no plugins and no hooks, and commands are loaded by name. */
export class PlainConfig extends Config {
  /** Loads all commands, by name, for those who tell of them. */
  readonly loadAllCommands: () => Promise<Readonly<Record<string, Command.Class>>>

  constructor(root: string, loadAllCommands: PlainConfig['loadAllCommands']) {
    super({ root })
    this.bin = 'tidemark'
    this.topicSeparator = ' '
    this.loadAllCommands = loadAllCommands
  }

  override async runHook<T extends keyof Interfaces.Hooks>(): Promise<
    Interfaces.Hook.Result<Interfaces.Hooks[T]['return']>
  > {
    return { successes: [], failures: [] }
  }
}
