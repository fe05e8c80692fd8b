import { Args } from '@oclif/core'
import { BaseCommand } from '../../command/base-command.ts'
import { PlainConfig } from '../../command/plain-config.ts'

export default class Completion extends BaseCommand {
  static override summary = 'Print a completion script for bash, zsh or fish.'
  static override examples = [
    { description: 'bash', command: 'source <(<%= config.bin %> completion bash)' },
    { description: 'zsh', command: 'source <(<%= config.bin %> completion zsh)' },
    {
      description: 'fish',
      command: '<%= config.bin %> completion fish > ~/.config/fish/completions/tidemark.fish',
    },
  ]
  static override args = {
    shell: Args.string({ description: 'The shell.', required: true, options: ['bash', 'zsh', 'fish'] }),
  }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Completion)
    this.given(flags)
    const { presentCompletion } = await import('../../completion/present-completion.ts')
    const { describeCommands } = await import('../../completion/list-commands.ts')
    const { config } = this
    const commands = config instanceof PlainConfig ? await config.loadAllCommands() : {}
    const script = presentCompletion(args.shell, describeCommands(commands))
    this.finish({ json: () => ({ shell: args.shell, script }), text: () => script })
  }
}
