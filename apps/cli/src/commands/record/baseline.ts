import * as Flags from '@oclif/core/flags'
import { TidemarkError } from '@tidemark/core'
import { CREATE_SCHEMA_FLAG, SHADOW_FLAGS } from '../../command/common-flags.ts'
import { OperationCommand } from '../../command/operation-command.ts'
import { OPERATION_FLAGS } from '../../command/operation-flags.ts'
import type { DatabaseSettings } from '../../database/require-database.ts'
import { presentBaseline } from '../../snapshot/present-baseline.ts'
import { EXIT } from '../../terminal/exit-codes.ts'

interface FirstFlags {
  readonly name?: string | undefined
  readonly 'dry-run'?: boolean | undefined
}

export default class Baseline extends OperationCommand {
  static override summary = 'Record migrations as applied, for an existing database.'
  static override description =
    'Records these migrations and all they need as applied. Nothing is executed, and nothing is compared: check first that this database already has their effect. On a new database the same files are executed by `up`. With --from-database it only reads the database, writes its schema as a first migration, and checks in a shadow that the migration makes the same.'
  static override examples = [
    {
      description: 'A database that has everything up to 040',
      command: '<%= config.bin %> baseline --through 040_add_phone',
    },
    {
      description: 'What it would record',
      command: '<%= config.bin %> baseline --through 040_add_phone --dry-run',
    },
    {
      description: 'A first migration from a database that has none',
      command: '<%= config.bin %> baseline --from-database',
    },
  ]
  static override flags = {
    through: Flags.string({
      summary: 'Record up to this migration; repeat for several heads.',
      helpValue: 'ID',
      multiple: true,
    }),
    'from-database': Flags.boolean({
      summary: 'Write a first migration with the schema that the database has.',
      exclusive: ['through'],
    }),
    name: Flags.string({
      summary: 'Give the first migration this id (001_baseline).',
      helpValue: 'ID',
      dependsOn: ['from-database'],
    }),
    ...CREATE_SCHEMA_FLAG,
    ...OPERATION_FLAGS,
    ...SHADOW_FLAGS,
  }

  async run(): Promise<void> {
    const { flags } = await this.parse(Baseline)
    const settings = await this.databaseSettings(flags)
    if (flags['from-database'] === true) return this.#writeFirst(settings, flags)
    if (flags.through === undefined) throw nothingNamed()
    const through = await this.wholeIds(settings, flags.through)
    await this.operate(settings, flags, {
      run: (runner, options) => runner.baseline({ through, ...options }),
      question: 'Record these as applied, without executing them?',
      what: 'a baseline',
      nothing: 'all of these are applied already',
    })
  }

  async #writeFirst(settings: DatabaseSettings, flags: FirstFlags): Promise<void> {
    const { writeBaseline } = await import('../../snapshot/write-baseline.ts')
    const mode = flags['dry-run'] === true ? 'show' : 'write'
    const draft = await writeBaseline(settings, {
      id: flags.name ?? '001_baseline',
      mode,
      signal: this.signal,
    })
    this.finish({
      json: () => draft,
      text: () => presentBaseline(draft, this.terminal.paint),
      exit: draft.proved ? EXIT.ok : EXIT.notChecked,
    })
  }
}

function nothingNamed(): TidemarkError {
  return new TidemarkError({
    code: 'TM7008',
    message: 'nothing is named to record',
    help: 'name the last migration that the database has with --through ID, or write a first one with --from-database',
  })
}
