import type { Interfaces } from '@oclif/core'
import { Config } from '@oclif/core/config'

/** oclif's configuration without what makes it slow: there are no plugins and no hooks. */
export class PlainConfig extends Config {
  constructor(root: string) {
    super({ root })
    this.bin = 'tidemark'
    this.topicSeparator = ' '
  }

  override async runHook<T extends keyof Interfaces.Hooks>(): Promise<
    Interfaces.Hook.Result<Interfaces.Hooks[T]['return']>
  > {
    return { successes: [], failures: [] }
  }
}
