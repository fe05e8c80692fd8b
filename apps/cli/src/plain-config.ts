import { type Command, Config, type Interfaces } from '@oclif/core'

/** oclif's configuration without what makes it slow: it knows the explicit map of commands, and there are no plugins and no hooks. */
export class PlainConfig extends Config {
  readonly explicit: Readonly<Record<string, Command.Class>>

  constructor(root: string, explicit: Readonly<Record<string, Command.Class>>) {
    super({ root })
    this.bin = 'tidemark'
    this.topicSeparator = ' '
    this.explicit = explicit
  }

  override async runHook<T extends keyof Interfaces.Hooks>(): Promise<
    Interfaces.Hook.Result<Interfaces.Hooks[T]['return']>
  > {
    return { successes: [], failures: [] }
  }
}
