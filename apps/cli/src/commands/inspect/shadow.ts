import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { BaseCommand } from '../../command/base-command.ts'
import { SHADOW_FLAGS } from '../../command/common-flags.ts'
import { writeRedacted } from '../../redact/guard-output.ts'
import { presentServed, servedToJson } from '../../shadow/present-served.ts'
import { runWithDatabase } from '../../shadow/run-with-database.ts'
import { type ServedProject, serveProjectShadow } from '../../shadow/serve-project-shadow.ts'
import { escapeControls } from '../../text/escape-controls.ts'

export default class Shadow extends BaseCommand {
  static override summary = 'Open the migrated shadow on a local port, for other tools.'
  static override description =
    'Applies all migrations to a scratch database and opens it on 127.0.0.1, with a random password: for tools that read a schema from a database, such as kanel, kysely-codegen, `prisma db pull`, pgTAP or psql. With a command after `--` it runs that command, with DATABASE_URL and PG* set to the shadow, and ends with its exit code. Ctrl-C ends it; nothing is left.'
  static override examples = [
    { description: 'Print the URL, until Ctrl-C', command: '<%= config.bin %> shadow serve' },
    { description: 'Look around', command: '<%= config.bin %> shadow serve -- psql' },
    {
      description: 'Write the types of an application',
      command:
        '<%= config.bin %> shadow serve -- npx kysely-codegen --dialect postgres --out-file src/db.d.ts',
    },
  ]
  static override args = {
    action: Args.string({ description: 'What to do with the shadow.', options: ['serve'], required: true }),
    command: Args.string({ description: 'After `--`: a program and its arguments.', multiple: true }),
  }
  static override flags = {
    port: Flags.integer({
      summary: 'Listen on this port (any that is free).',
      helpValue: 'N',
      min: 1,
      max: 65_535,
    }),
    ...SHADOW_FLAGS,
  }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Shadow)
    const settings = await this.settings(flags)
    const command = args.command ?? []
    const served = await serveProjectShadow(settings, {
      port: flags.port,
      signal: this.runtime.interrupts.signal,
      onReplaced: () => process.stderr.write(REPLACED),
    })
    try {
      if (command.length > 0) await this.#runCommand(command, served)
      else await this.#waitForEnd(served)
    } finally {
      await served.close()
    }
  }

  async #runCommand(command: readonly string[], served: ServedProject): Promise<void> {
    this.runtime.interrupts.dispose() // Signals are for the program.
    process.exitCode = await runWithDatabase(command, served)
  }

  async #waitForEnd(served: ServedProject): Promise<void> {
    const { signal } = this.runtime.interrupts
    const text = this.isJson ? JSON.stringify(servedToJson(served), null, 2) : presentServed(served)
    // Its password is what it is printed for.
    writeRedacted(process.stdout, `${escapeControls(text)}\n`)
    if (!signal.aborted)
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
  }
}

const REPLACED =
  'a client left while its statement ran, which ended the shadow: there is another one, as the migrations make it\n'
