import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { BaseCommand } from '../../command/base-command.ts'
import { readCommandManifest } from '../../completion/command-manifest.ts'
import { listWords, projectFlagsOf } from '../../completion/list-words.ts'
import { presentCompletion, SHELLS } from '../../completion/present-completion.ts'

export default class Completion extends BaseCommand {
  static override summary = 'Print a completion script for a shell.'
  static override description =
    'It completes commands, flags, ids of migrations, environments and the values of flags.'
  static override examples = [
    { description: 'bash', command: 'source <(<%= config.bin %> completion bash)' },
    { description: 'zsh', command: 'source <(<%= config.bin %> completion zsh)' },
    {
      description: 'fish',
      command: '<%= config.bin %> completion fish > ~/.config/fish/completions/tidemark.fish',
    },
    {
      description: 'PowerShell, in $PROFILE',
      command: '<%= config.bin %> completion powershell | Out-String | Invoke-Expression',
    },
  ]
  static override args = {
    shell: Args.string({ description: 'The shell.', required: true, options: [...SHELLS] }),
  }
  static override flags = {
    list: Flags.option({ options: ['ids', 'environments'] as const, hidden: true })(),
    line: Flags.string({ hidden: true, default: '' }),
  }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Completion)
    this.given(flags)
    const shell = SHELLS.find((one) => one === args.shell) ?? 'bash'
    const { list, line } = flags
    const script =
      list === undefined
        ? presentCompletion(shell, readCommandManifest(this.config.options.root))
        : (await listWords(await this.settings({ ...flags, ...projectFlagsOf(line, list) }), list)).join('\n')
    this.finish({ json: () => ({ shell, script }), text: () => script })
  }
}
