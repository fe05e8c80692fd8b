import * as Flags from '@oclif/core/flags'
import { BaseCommand } from '../../command/base-command.ts'
import { presentManifest } from '../../manifest/present-manifest.ts'
import { writeManifest } from '../../manifest/write-manifest.ts'

export default class Manifest extends BaseCommand {
  static override summary = 'Write ids and checksums for a gate that has no folder to read.'
  static override description =
    'For bundles, functions and edge runtimes: a JSON document or a TypeScript module, without SQL. The same files give the same text on every machine; commit it, and let CI check it.'
  static override examples = [
    {
      description: 'A module for `createGate({ migrations: manifest })`',
      command: '<%= config.bin %> manifest --out schema.ts',
    },
    {
      description: 'In CI: exit code 2 when it is not of these files',
      command: '<%= config.bin %> manifest --out schema.ts --check',
    },
    { description: 'On stdout', command: '<%= config.bin %> manifest' },
  ]
  static override flags = {
    out: Flags.string({ summary: 'The file: .json, or .ts for a module.', helpValue: 'FILE' }),
    format: Flags.option({
      summary: 'Instead of what the name of the file says.',
      options: ['json', 'ts'] as const,
    })(),
    check: Flags.boolean({
      summary: 'Write nothing; fail when the file is out of date.',
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
