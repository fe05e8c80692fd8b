import * as Args from '@oclif/core/args'
import { BaseCommand } from '../../command/base-command.ts'
import { readCommandManifest } from '../../completion/command-manifest.ts'
import { presentCompletion } from '../../completion/present-completion.ts'

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
    const script = presentCompletion(args.shell, readCommandManifest(this.config.options.root))
    this.finish({ json: () => ({ shell: args.shell, script }), text: () => script })
  }
}
