import * as Flags from '@oclif/core/flags'
import { CONNECT_FLAGS, SHADOW_FLAGS } from '../../command/common-flags.ts'
import { DatabaseCommand } from '../../command/database-command.ts'
import { loadEnvironments } from '../../config/load-environments.ts'
import type { DevEvent } from '../../dev/dev-event.ts'
import { devToJson } from '../../dev/dev-to-json.ts'
import { presentDevEvent } from '../../dev/present-dev.ts'
import { runDev } from '../../dev/run-dev.ts'
import { writeRedacted } from '../../redact/guard-output.ts'
import { redactDocument } from '../../redact/redact-document.ts'

export default class Dev extends DatabaseCommand {
  static override summary = 'Watch the files: check, show and apply what you save.'
  static override description =
    'On each save it reads the files, runs what changed on a shadow that stays open, and shows what its statements lock and rewrite and which rules it breaks. A database for development gets it at once: an embedded one, or one on this machine whose environment has `development: true`. What is pending is applied; what is applied and was edited is rolled back and applied again, if its file is new in this branch and no other configured database has it. A `protected` database and NODE_ENV=production are never touched. Ctrl-C ends it.'
  static override examples = [
    { description: 'While you write migrations', command: '<%= config.bin %> dev' },
    { description: 'Show only', command: '<%= config.bin %> dev --show-only' },
    { description: 'For an editor: one JSON document a line', command: '<%= config.bin %> dev --json' },
  ]
  static override flags = {
    'show-only': Flags.boolean({ summary: 'Apply nothing, only show.' }),
    ...SHADOW_FLAGS,
    ...CONNECT_FLAGS,
  }

  async run(): Promise<void> {
    const { flags } = await this.parse(Dev)
    const settings = await this.settings(flags)
    const { redactor, version } = this.runtime
    await runDev(settings, {
      apply: flags['show-only'] ? 'never' : 'where_allowed',
      reload: () => this.settings(flags),
      load: loadEnvironments(flags),
      variables: process.env,
      toolVersion: version,
      redact: (text) => redactor.redact(text),
      onEvent: (event) => this.#write(event),
      signal: this.signal,
    })
  }

  #write(event: DevEvent): void {
    if (this.isJson) {
      writeRedacted(process.stdout, `${redactDocument(devToJson(event), this.runtime.redactor)}\n`)
      return
    }
    const { paint, width } = this.terminal
    const text = presentDevEvent(event, {
      paint,
      width,
      targetFlags: this.targetFlags,
      clock: () => new Date(),
    })
    process.stdout.write(`${text}\n`)
  }
}
