import * as Flags from '@oclif/core/flags'
import { BaseCommand } from '../../command/base-command.ts'
import { presentManifest } from '../../manifest/present-manifest.ts'
import { writeManifest } from '../../manifest/write-manifest.ts'

export default class Manifest extends BaseCommand {
  static override summary = 'Write ids and checksums for a gate without files.'
  static override description =
    'For bundles, functions and edge runtimes: a JSON document or a TypeScript module, without SQL. The same files give the same text on every machine; commit it, and let CI check it.'
  static override examples = [
    {
      description: 'A module for `createGate({ migrations: manifest })`',
      command: '<%= config.bin %> manifest --out schema.ts',
    },
    {
      description: 'In CI: exit code 2 when the manifest is out of date',
      command: '<%= config.bin %> manifest --out schema.ts --check',
    },
    { description: 'On stdout', command: '<%= config.bin %> manifest' },
  ]
  static override flags = {
    out: Flags.string({
      summary: 'Write to this file: .json, or .ts for a module (stdout).',
      helpValue: 'FILE',
    }),
    format: Flags.option({
      summary: 'Write this format (by the file name; json on stdout).',
      options: ['json', 'ts'] as const,
    })(),
    check: Flags.boolean({
      summary: 'Write nothing, and fail when the file is out of date.',
      dependsOn: ['out'],
    }),
  }

  async run(): Promise<void> {
    const { flags } = await this.parse(Manifest)
    const settings = await this.settings(flags)
    const { out, format } = flags
    const outcome = await writeManifest(settings, { out, format, mode: flags.check ? 'check' : 'write' })
    const { state, manifest } = outcome
    this.finish({
      json: () => ({ out: out ?? null, state, manifest }),
      text: () => presentManifest(outcome, this.terminal.paint),
    })
  }
}
